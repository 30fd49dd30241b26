"""Products by 8-bit integers are those of numpy, and each row's is its own."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from triage.adapters.models.onnx_rows import round_by_rows

WIDTH, LAYERS = 48, ("query", "value")
Floats = NDArray[np.float32]


def weights() -> dict[str, Floats]:
    rng = np.random.default_rng(3)
    each = {name: rng.normal(size=(WIDTH, 32)).astype(np.float32) for name in LAYERS}
    each["value"][:, 5] = 0.0
    return each


def rounded(values: Floats, by: int, axis: int) -> Floats:
    largest = np.maximum(np.abs(values).max(axis=axis, keepdims=True), 1e-20)
    return np.asarray(np.round(values / largest * by) * largest / by, dtype=np.float32)


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    """Two products of one input, and that input's own, which stays as it is."""
    nodes = [helper.make_node("MatMul", ["x", f"w.{name}"], [name]) for name in LAYERS]
    nodes += [
        helper.make_node("Transpose", ["x"], ["turned"], perm=[0, 2, 1]),
        helper.make_node("MatMul", ["x", "turned"], ["own"]),
    ]
    graph = helper.make_graph(
        nodes,
        "two",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["texts", "tokens", WIDTH])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 3) for name in (*LAYERS, "own")],
        [numpy_helper.from_array(each, f"w.{name}") for name, each in weights().items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    round_by_rows(model)
    onnx.checker.check_model(model)
    assert [node.op_type for node in model.graph.node].count("QuantizeLinear") == 1
    assert {each.name for each in model.graph.initializer}.isdisjoint(f"w.{name}" for name in LAYERS)
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])


def asked() -> Floats:
    values = np.random.default_rng(4).normal(size=(3, 7, WIDTH)).astype(np.float32)
    values[0] *= 1000  # one text is far larger than those beside it
    values[1, 2] = 0.0
    return values


def test_products_are_those_of_rows_and_columns_rounded_in_numpy(session: onnxruntime.InferenceSession) -> None:
    values = asked()
    query, value, own = session.run(None, {"x": values})
    rows = rounded(values, 127, axis=-1)
    for got, each in zip((query, value), weights().values(), strict=True):
        wanted = rows @ rounded(each, 63, axis=0)
        size = np.maximum(np.abs(wanted).max(axis=-1, keepdims=True), 1.0)
        np.testing.assert_allclose(got / size, wanted / size, atol=1e-4)
        exact = values[2] @ each
        cosine = np.sum(got[2] * exact, axis=-1) / np.linalg.norm(got[2], axis=-1) / np.linalg.norm(exact, axis=-1)
        assert cosine.min() > 0.999
    assert not query[1, 2].any()
    assert not value[..., 5].any()
    np.testing.assert_allclose(own, values @ values.transpose(0, 2, 1), rtol=1e-4)


def test_a_row_says_the_same_whatever_stands_beside_it(session: onnxruntime.InferenceSession) -> None:
    values = asked()
    together = session.run(["query"], {"x": values})[0]
    for text in range(len(values)):
        np.testing.assert_array_equal(session.run(["query"], {"x": values[text : text + 1]})[0][0], together[text])
