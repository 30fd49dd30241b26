"""Matrix products of an ONNX graph by 8-bit integers, each sub-word's values rounded by themselves.

A row x of the input becomes round(127·x / max|x|), a column w of the weights round(63·w / max|w|); their product is
an integer and is scaled back. Nothing is shared between rows, so a text's vector does not depend on the texts beside
it, as it does where a scale is that of the whole batch. Weights have seven bits: before AVX-512 VNNI a processor adds
two products of 8-bit integers in 16 bits, which then never overflow, so that every processor says the same.

Source: Yao et al. 2022, "ZeroQuant" (a scale for each token, a scale for each column); ONNX Runtime, "Quantize ONNX
models", on saturation of U8S8.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

LARGEST_INPUT: Final = 127
LARGEST_WEIGHT: Final = 63
_ZERO: Final = 128  # of unsigned inputs
_LEAST: Final = np.float32(1e-20)  # a row of zeros stays one
_SHARED: Final[dict[str, NDArray[Any]]] = {
    "rows.least": np.array(_LEAST),
    "rows.step": np.array(1 / LARGEST_INPUT, dtype=np.float32),
    "rows.zero": np.array(_ZERO, dtype=np.uint8),
    "rows.flat": np.array([-1]),
}


def round_by_rows(model: ModelProto) -> None:
    """Replace every product with constant weights, in place; others, as those of attention, stay floats."""
    from onnx import numpy_helper

    graph = model.graph
    weights = {each.name: each for each in graph.initializer}
    nodes: list[NodeProto] = []
    constants = dict(_SHARED)
    rounded: dict[str, str] = {}
    replaced: set[str] = set()
    for node in graph.node:
        if node.op_type != "MatMul" or node.input[1] not in weights:
            nodes.append(node)
            continue
        values, weight = node.input
        matrix = numpy_helper.to_array(weights[weight]).astype(np.float32)  # (in, out)
        if values not in rounded:
            rounded[values] = f"rows.{len(rounded)}"
            constants[f"{rounded[values]}.shape"] = np.array([-1, len(matrix)])
            nodes += _rounding(values, rounded[values])
        name = f"{rounded[values]}.{len(replaced)}"
        constants |= _rounded_weights(matrix, name)
        nodes += _product(rounded[values], name, node.output[0])
        replaced.add(weight)
    kept = [each for each in graph.initializer if each.name not in replaced]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*kept, *(numpy_helper.from_array(value, name) for name, value in constants.items())])


def _rounding(values: str, name: str) -> Iterator[NodeProto]:
    """Largest value of each row, and the row in steps of 1/127 of it."""
    from onnx import TensorProto
    from onnx.helper import make_node, make_tensor

    zero = make_tensor("zero", TensorProto.UINT8, [1], [_ZERO])
    yield make_node("Abs", [values], [f"{name}.absolute"])
    yield make_node("ReduceMax", [f"{name}.absolute"], [f"{name}.largest"], axes=[-1], keepdims=1)
    yield make_node("Max", [f"{name}.largest", "rows.least"], [f"{name}.range"])
    yield make_node("Mul", [f"{name}.range", "rows.step"], [f"{name}.step"])
    yield make_node("Reshape", [f"{name}.step", "rows.flat"], [f"{name}.steps"])
    yield make_node("Shape", [f"{name}.steps"], [f"{name}.n"])
    yield make_node("ConstantOfShape", [f"{name}.n"], [f"{name}.zeros"], value=zero)
    yield make_node("Reshape", [values, f"{name}.shape"], [f"{name}.flat"])
    yield make_node("QuantizeLinear", [f"{name}.flat", f"{name}.steps", f"{name}.zeros"], [f"{name}.flat8"], axis=0)
    yield make_node("Shape", [values], [f"{name}.as_given"])
    yield make_node("Reshape", [f"{name}.flat8", f"{name}.as_given"], [f"{name}.values8"])


def _rounded_weights(matrix: NDArray[np.float32], name: str) -> dict[str, NDArray[Any]]:
    """Whole numbers (in, out) and the step of each column."""
    steps = np.maximum(np.abs(matrix).max(axis=0) / LARGEST_WEIGHT, _LEAST)
    return {f"{name}.weights8": np.round(matrix / steps).astype(np.int8), f"{name}.steps": steps}


def _product(rows: str, name: str, output: str) -> Iterator[NodeProto]:
    """The product of whole numbers, by the steps of its rows and columns."""
    from onnx import TensorProto
    from onnx.helper import make_node

    yield make_node("MatMulInteger", [f"{rows}.values8", f"{name}.weights8", "rows.zero"], [f"{name}.whole"])
    yield make_node("Cast", [f"{name}.whole"], [f"{name}.float"], to=TensorProto.FLOAT)
    yield make_node("Mul", [f"{name}.float", f"{rows}.step"], [f"{name}.by_row"])
    yield make_node("Mul", [f"{name}.by_row", f"{name}.steps"], [output])
