"""Letters revised and histories told by a language model behind any OpenAI-compatible server; checked, or not used."""

from triage.adapters.llm.asking import BoundedChat
from triage.adapters.llm.drafter import LanguageModelDrafter
from triage.adapters.llm.line_writer import LanguageModelLineWriter

__all__ = ["BoundedChat", "LanguageModelDrafter", "LanguageModelLineWriter"]
