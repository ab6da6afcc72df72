"""The Universal Scalability Law, fitted by least squares.

    X(N) = N * speed / (1 + contention * (N - 1) + coherence * N * (N - 1))

N is the number of workers or of connections, X what they do together in a second. Contention is what
only one can do at a time, coherence what each must settle with each other.
(N. Gunther, Guerrilla Capacity Planning, Springer 2007.)
"""

import math
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True)
class Model:
    speed: float
    contention: float
    coherence: float
    fit: float  # the coefficient of determination, 1 at best

    def at(self, size):
        return (size * self.speed
                / (1 + self.contention * (size - 1) + self.coherence * size * (size - 1)))

    @property
    def peak(self):
        """The size beyond which more give less; None where there is none."""
        if self.coherence <= 0 or self.contention >= 1:
            return None
        return math.sqrt((1 - self.contention) / self.coherence)


def solve(matrix, right):
    """Gauss with a pivot; None where the equations do not decide."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        if abs(rows[pivot][column]) < 1e-12:
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(size):
            if row != column:
                factor = rows[row][column] / rows[column][column]
                rows[row] = [mine - factor * other
                             for mine, other in zip(rows[row], rows[column], strict=True)]
    return [rows[index][size] / rows[index][index] for index in range(size)]


def least_squares(points, terms):
    """Of the terms' weights in N / X, with relative errors: a point counts by how far off it is in
    proportion, or the fastest would decide alone. None where the points do not decide."""
    rows = [[term(size) * rate / size for term in terms] for size, rate in points]
    matrix = [[sum(row[i] * row[j] for row in rows) for j in range(len(terms))]
              for i in range(len(terms))]
    return solve(matrix, [sum(row[i] for row in rows) for i in range(len(terms))])


def one(_):
    return 1.0


def others(size):
    return size - 1.0


def pairs(size):
    return size * (size - 1.0)


# N / X is linear in 1/speed, contention/speed and coherence/speed. A share below zero means that the
# points do not show it, so it is left out; the order is from the richest model to the poorest.
SHAPES = ((one, others, pairs), (one, pairs), (one, others), (one,))


def squared_error(points, model):
    return sum((rate / model.at(size) - 1) ** 2 for size, rate in points)


def determination(points, model):
    mean = fmean(rate for _, rate in points)
    scatter = sum((rate - mean) ** 2 for _, rate in points)
    left = sum((rate - model.at(size)) ** 2 for size, rate in points)
    return 1 - left / scatter if scatter else 1.0


def fit(points):
    """The model that is nearest to [(size, rate)], with no share below zero. Raises ValueError."""
    if len({size for size, _ in points}) < 3:
        raise ValueError("three different sizes are needed")
    if any(size < 1 or rate <= 0 for size, rate in points):
        raise ValueError("sizes from 1 on and rates above 0 are needed")
    found = []
    for shape in SHAPES:
        weights = least_squares(points, shape)
        if weights is None or weights[0] <= 0 or any(weight < 0 for weight in weights):
            continue
        share = {term: weight / weights[0] for term, weight in zip(shape, weights, strict=True)}
        found.append(Model(1 / weights[0], share.get(others, 0.0), share.get(pairs, 0.0), 0.0))
    best = min(found, key=lambda model: squared_error(points, model))
    return Model(best.speed, best.contention, best.coherence, determination(points, best))
