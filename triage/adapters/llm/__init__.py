"""Letters revised by a language model behind any OpenAI-compatible server; the composer's letter when it fails."""

from triage.adapters.llm.drafter import LanguageModelDrafter

__all__ = ["LanguageModelDrafter"]
