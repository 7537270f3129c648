"""Precision: bfloat16 where it pays."""

from __future__ import annotations

import contextlib
from contextlib import AbstractContextManager

import torch
from settings import Settings


def autocast(settings: Settings, device: torch.device) -> AbstractContextManager[object]:
    """Return the context of a forward pass; `auto` is bfloat16 for ResNets, where the chip computes in it.

    On a 2-core CPU with AMX a ResNet-18 classified and trained several times as many images per
    second with it (README); the small network is too small to gain.
    """
    wanted = settings.precision
    if wanted == "auto":
        if device.type == "cuda":
            has_it = torch.cuda.is_bf16_supported(including_emulation=False)
        else:
            has_it = settings.model != "small" and cpu_computes_bfloat16()
        wanted = "bfloat16" if has_it else "float32"
    if wanted == "float32":
        return contextlib.nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def cpu_computes_bfloat16() -> bool:
    asks = (
        getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )
    return any(ask() for ask in asks if ask is not None)
