"""The measurement engine: from answers to a scale. Knows nothing of Merilo or Django.

Verbs are functions; they return frozen nouns, or raise a `MeasurementError` that names the item or
booklet and the remedy. Settings are keyword-only; chance enters as `rng`. Every result carries its
`Provenance`. The map, from the ground up (an import points down only):

    errors, provenance        why there is no result; where a result comes from
    multiplicity              the false discovery rate
    design                    Item, Booklet, Stage, Design: what was given, and what links it
    patterns                  compiled passes over int8 blocks
    responses                 Responses, Block: every answer in memory; omissions and their treatment
    parameters                ItemParameters: one noun for Rasch, PCM, 2PL, GPCM, 3PL
    curves                    probabilities, expected scores, information at given abilities
    likelihood                packed works, their likelihood at the nodes, posteriors
    statistics                SufficientStatistics: total score × item score counts, by booklet
    data                      Wide, Long, ScoringRules: reading Parquet, CSV, XLSX, databases
    simulation                designs, responses, cheating, raters
    calibration               calibrate_cml, calibrate_mml → Calibration
    persons                   score tables, abilities, plausible values, classification, profiles
    classical, fit            item analysis and reliability; item and test fit
    linking, fairness, raters, standards, forensics
    report, command, bench    doors

The full page is docs/measurement.md.
"""

from .provenance import ENGINE_VERSION as __version__

__all__ = ["__version__"]
