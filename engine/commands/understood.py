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
        "tempo": {
            "bpm": round(analysis.bpm, 3),
            "is_free": analysis.is_free_time,
            **_sure(analysis, "tempo"),
        },
        "metre": {
            "name": analysis.metre.name,
            **_sure(analysis, "metre"),
            "alternatives": _other_bars(analysis),
        },
        "swing": analysis.swing,
        "pickup_beats": beats(analysis.pickup_ticks),
        "phrases": [
            {
                "start_beats": beats(phrase.start_ticks),
                "end_beats": beats(phrase.end_ticks),
                "repeats": phrase.repeats if phrase.repeats >= 0 else None,
            }
            for phrase in analysis.phrases
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


def _sure(analysis: Analysis, of: str) -> dict[str, float]:
    """How sure tempo or metre is, where it was heard and not written or said."""
    if analysis.bars is None:
        return {}
    sure = analysis.bars.tempo_confidence if of == "tempo" else analysis.bars.metre_confidence
    return {"confidence": sure}


def _other_bars(analysis: Analysis) -> list[dict[str, Any]]:
    others = analysis.bars.alternatives if analysis.bars is not None else ()
    return [
        {"metre": other.metre.name, "felt_bpm": other.bpm, "confidence": other.confidence} for other in others
    ]


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
