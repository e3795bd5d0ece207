"""How much do all chains of chords weigh together, and what would each weight change of that?

The forward algorithm for many windows at once; its gradient is what forward and backward say of every pulse
and move (Rabiner 1989), written out, which takes two fifths of the time of differentiating step by step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def log_total(chords: Tensor, holds: Tensor, moves: Tensor, first: Tensor) -> Tensor:
    """Log of the summed weights of all chains, row by row: `chords` (rows, pulses, chords) and `holds` (rows,
    pulses) as `Heard` has them, `moves` log probabilities of the next chord given that one follows."""
    total: Tensor = _function().apply(chords, holds, moves, first)
    return total


_made: list[Any] = []


def _function() -> Any:
    """Made when it is first asked for, since most of the program does without torch."""
    if not _made:
        import torch

        class LogTotal(torch.autograd.Function):  # type: ignore[misc]
            @staticmethod
            def forward(ctx: Any, chords: Tensor, holds: Tensor, moves: Tensor, first: Tensor) -> Tensor:
                told = _forward(chords, holds, moves, first)
                ctx.save_for_backward(*told[1:])
                return told[0]

            @staticmethod
            def backward(ctx: Any, *wanted: Any) -> tuple[Tensor, Tensor, Tensor, Tensor]:
                return _backward(wanted[0], *ctx.saved_tensors)

        _made.append(LogTotal)
    return _made[0]


def _forward(chords: Tensor, holds: Tensor, moves: Tensor, first: Tensor) -> tuple[Tensor, ...]:
    """The logs; and, pulse first: own weights over the norm of their pulse, shares of what leads to each
    chord, chances of moves, of going and of staying."""
    import torch

    own = chords.transpose(0, 1).clone()
    own[0] += first
    top = own.amax(2, keepdim=True)
    own, chances = (own - top).exp_(), moves.exp()
    stays = torch.sigmoid(holds).t()[..., None]
    goes = 1 - stays
    shares, norms = torch.empty_like(own), torch.empty_like(top)
    reached = own[0]
    for pulse in range(len(own)):
        if pulse:
            before = shares[pulse - 1]
            reached = (before @ chances).mul_(goes[pulse]).add_(before * stays[pulse]).mul_(own[pulse])
        norms[pulse] = reached.sum(1, keepdim=True)
        shares[pulse] = reached / norms[pulse]
    return (norms.log() + top).sum((0, 2)), own / norms, shares, chances, goes, stays


def _backward(
    wanted: Tensor, own: Tensor, shares: Tensor, chances: Tensor, goes: Tensor, stays: Tensor
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """By chords, holds, moves and first chord."""
    import torch

    sounds, led = shares.clone(), torch.empty_like(own)
    after = torch.ones_like(own[0])
    for pulse in range(len(own) - 1, 0, -1):
        torch.mul(after, own[pulse], out=led[pulse])
        after = (led[pulse] @ chances.t()).mul_(goes[pulse]).add_(led[pulse] * stays[pulse])
        sounds[pulse - 1] *= after
    before, led, rows = shares[:-1], led[1:], wanted[None, :, None]
    held = (before * led).sum(2, keepdim=True) * stays[1:]
    holds = torch.zeros_like(stays)
    holds[1:] = held * goes[1:] - (1 - held) * stays[1:]
    moved = before.flatten(0, 1).t() @ (led * goes[1:] * rows).flatten(0, 1) * chances
    sounds = sounds * rows
    return sounds.transpose(0, 1), (holds * rows)[..., 0].t(), moved, sounds[0].sum(0)
