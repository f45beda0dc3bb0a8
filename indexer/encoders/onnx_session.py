"""How ONNX Runtime runs the networks of the encoders."""

import onnxruntime


def new_session(model: bytes, threads: int) -> onnxruntime.InferenceSession:
    """Load an ONNX model for the processor; its threads sleep between two runs."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
