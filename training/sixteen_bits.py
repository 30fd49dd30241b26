"""Whether to compute in 16-bit floats: several times as fast as in 32-bit ones where the processor knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def computes_in_16_bits() -> bool:
    """Whether the processor multiplies 16-bit floats itself, three to seven times as fast as 32-bit ones."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def in_16_bits(device: str = "cpu") -> torch.autocast:
    """A context in which transformers multiply in 16-bit floats; as ever where the processor would not gain by it.

    Weights stay in 32 bits, so what is learnt in small steps is not lost.
    """
    import torch

    return torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cpu" and computes_in_16_bits())
