"""How does a whole song look when its notes are thinner than pixels? A picture made from counts.

Each row of pitches becomes a row of coverage over device pixels, by differences and a running sum, so that
the cost depends on the picture's size and hardly on the number of notes.
"""

import numpy as np
from PySide6.QtGui import QColor, QImage

MANY_NOTES = 5000


def coverage(
    lefts: np.ndarray, rights: np.ndarray, rows: np.ndarray, row_count: int, width: int
) -> np.ndarray:
    """How many notes cover each pixel: an array (row_count, width) from left and right edges in pixels.

    A note covers at least one pixel; notes outside the picture are cut, rows outside it left out.
    """
    inside = (rows >= 0) & (rows < row_count) & (rights > 0) & (lefts < width)
    first = np.clip(lefts[inside].astype(np.int64), 0, width - 1)
    last = np.clip(np.maximum(np.ceil(rights[inside]).astype(np.int64), first + 1), 1, width)
    changes = np.zeros((row_count, width + 1), np.int32)
    np.add.at(changes, (rows[inside], first), 1)
    np.add.at(changes, (rows[inside], last), -1)
    return np.cumsum(changes[:, :width], axis=1)


def density_image(
    counts: np.ndarray, row_px: float, top_px: float, height: int, colour: QColor, gap_px: float = 0.0
) -> QImage:
    """The counts as a picture `height` device pixels high: rows of `row_px`, scrolled by `top_px`.

    Pixels that several notes share are a little stronger than those of one.
    """
    alpha = (np.minimum(255, 175 + 40 * counts) * (counts > 0)).astype(np.uint32)
    pixels = alpha << 24
    for shift, channel in ((16, colour.red()), (8, colour.green()), (0, colour.blue())):
        pixels |= (alpha * channel // 255) << shift
    nothing = np.zeros((1, counts.shape[1]), np.uint32)
    y = (np.arange(height) + top_px + 0.5) / row_px
    rows = y.astype(np.int64)
    rows[(rows >= len(counts)) | ((y - rows) * row_px < gap_px)] = len(counts)
    picture = np.concatenate([pixels, nothing])[rows]
    size = (counts.shape[1], height, counts.shape[1] * 4)
    return QImage(picture.data, *size, QImage.Format.Format_ARGB32_Premultiplied).copy()
