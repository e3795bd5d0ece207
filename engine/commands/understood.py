"""What `inspect --json` says of what was understood: keys, numerals, closes, figures, facts, words."""

from dataclasses import asdict
from typing import Any

from engine.commands.output import beats
from engine.music.analysis import Analysis, Motif


def understanding_record(analysis: Analysis) -> dict[str, Any]:
    """Keys that do not apply are None."""
    return {
        "keys": _keys(analysis) if len(analysis.keys) > 1 else None,
        "numerals": [
            {
                "start_beats": beats(reading.span.start_ticks),
                "numeral": reading.numeral,
                "function": reading.function.value,
                "confidence": round(reading.span.confidence, 3),
                "alternatives": list(reading.alternatives),
            }
            for reading in analysis.chords
            if reading.numeral
        ]
        or None,
        "cadences": [
            {"beats": beats(cadence.tick), "kind": cadence.kind.value, "confidence": cadence.confidence}
            for cadence in analysis.cadences
        ]
        or None,
        "motifs": [_motif(motif) for motif in analysis.motifs] or None,
        "melody": asdict(analysis.melody) if analysis.melody is not None else None,
        "harmony": asdict(analysis.harmony) if analysis.harmony is not None else None,
        "description": _description(analysis),
    }


def _keys(analysis: Analysis) -> list[dict[str, Any]]:
    return [
        {
            "beats": beats(reading.tick),
            "tonic": reading.key.spell(reading.key.tonic).replace("♯", "#").replace("♭", "b"),
            "mode": reading.key.mode.value,
            "confidence": round(reading.confidence, 3),
        }
        for reading in analysis.keys
    ]


def _motif(motif: Motif) -> dict[str, Any]:
    return {
        "beats": beats(motif.start_ticks),
        "notes": motif.notes,
        "returns": [
            {"beats": beats(again.start_ticks), "form": again.form.value, "semitones": again.semitones}
            for again in motif.returns
        ],
    }


def _description(analysis: Analysis) -> dict[str, Any] | None:
    told = analysis.description
    if told is None:
        return None
    return {"paragraph": told.paragraph, "facts": {fact.name: fact.value for fact in told.sheet}}
