"""The resident language model: text in; text, likelihoods or a yes/no probability out.

Apart from the roles because they share one copy of the weights. Everything is greedy and
single-stream, so the same
question gives the same answer.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasoner.options import LanguageModelOptions
from reasoner.pocket.conversion import is_converted
from store.errors import WeightsDigestError, WeightsMissingError
from store.pretrained import quiet_transformers

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
"""The system turn it was tuned under; under another it fails even simple questions."""
END_OF_TURN = "<|im_end|>"
MAX_KEPT_PREFIXES = 8


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is given.

    Attributes:
        prefix: Instructions that many prompts share; read once and kept.
        text: The rest.
    """

    prefix: str
    text: str


def chat(instruction: str, text: str, reply: str = "") -> Prompt:
    """Write a one-turn conversation in the ChatML form that SmolLM2 was tuned on.

    Args:
        instruction: How the user's turn begins.
        text: How it goes on.
        reply: How the assistant's turn begins.
    """
    prefix = f"<|im_start|>system\n{SYSTEM}{END_OF_TURN}\n<|im_start|>user\n{instruction}\n"
    return Prompt(prefix, f"{text}{END_OF_TURN}\n<|im_start|>assistant\n{reply}")


class LanguageModel:
    """A small causal language model on the CPU, read from a converted folder.

    Args:
        folder: As ``conversion.convert_gguf`` writes it.
        options: Threads and precision.
        model_id: Name and revision, for answers.

    Attributes:
        tokens_read: Counted since it was made; what a prefix kept in memory saves is not in it.
        tokens_written: Counted since it was made.

    Raises:
        WeightsMissingError: The folder holds no finished conversion.
        WeightsDigestError: Its tokenizer has no single token for Yes, No or the end of a turn.
    """

    def __init__(
        self,
        folder: Path,
        options: LanguageModelOptions | None = None,
        model_id: str = "SmolLM2-135M-Instruct",
    ) -> None:
        if not is_converted(folder):
            raise WeightsMissingError(
                f"{folder} holds no converted language model; run `cinedex models pull`"
            )
        import torch
        from tokenizers import Tokenizer
        from transformers import LlamaForCausalLM

        chosen = options or LanguageModelOptions()
        if chosen.threads is not None:
            torch.set_num_threads(chosen.threads)
        self._torch = torch
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        loader: Any = LlamaForCausalLM
        with quiet_transformers():
            self._model = loader.from_pretrained(
                folder, dtype=getattr(torch, _precision(chosen.precision)), local_files_only=True
            ).eval()
        self._prefixes: dict[str, tuple[Any, int]] = {}
        self._end = self._single("<|im_end|>")
        self._yes, self._no = self._single("Yes"), self._single("No")
        self.model_id = model_id
        self.tokens_read = 0
        self.tokens_written = 0

    def count_tokens(self, text: str) -> int:
        """Count the tokens of a text."""
        return len(self._ids(text))

    def generate(self, prompt: Prompt, max_new_tokens: int, stop: str = "\n") -> str:
        """Continue a prompt greedily, to the end of the turn, ``stop`` or the limit."""
        cache, length = self._prefix(prompt.prefix)
        written: list[int] = []
        with self._torch.inference_mode():
            logits = self._read(self._ids(prompt.text), cache)
            while len(written) < max_new_tokens:
                token = int(logits[-1].argmax())
                if token == self._end:
                    break
                written.append(token)
                if stop and stop in self._tokenizer.decode(written):
                    break
                logits = self._read([token], cache, counted=False)
        _forget_behind(cache, length)
        self.tokens_written += len(written)
        text: str = self._tokenizer.decode(written)
        return (text.split(stop)[0] if stop else text).strip()

    def log_likelihood(
        self, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> list[float]:
        """Measure how likely each continuation is after its prompt.

        Args:
            prompts: As many as there are continuations.
            continuations: Not empty; tokenised apart from the prompt.

        Returns:
            Mean natural-log probability for each token of the continuation, in input order.

        Raises:
            ValueError: The numbers differ, or a continuation is empty.
        """
        return [
            self._likelihood(prompt, continuation)
            for prompt, continuation in zip(prompts, continuations, strict=True)
        ]

    def yes_probability(self, prompts: Iterable[Prompt]) -> list[float]:
        """Compare Yes with No as the first word of the reply.

        Returns:
            ``P(Yes) / (P(Yes) + P(No))`` for each prompt, in ``[0, 1]``.
        """
        probabilities = []
        for prompt in prompts:
            cache, length = self._prefix(prompt.prefix)
            with self._torch.inference_mode():
                last = self._read(self._ids(prompt.text), cache)[-1].float()
            _forget_behind(cache, length)
            probabilities.append(float(self._torch.sigmoid(last[self._yes] - last[self._no])))
        return probabilities

    def _likelihood(self, prompt: Prompt, continuation: str) -> float:
        target = self._ids(continuation)
        if not target:
            raise ValueError("a continuation has at least one token")
        cache, length = self._prefix(prompt.prefix)
        with self._torch.inference_mode():
            logits = self._read(self._ids(prompt.text) + target, cache, keep=len(target) + 1)
            logs = self._torch.log_softmax(logits[:-1].float(), dim=-1)
            chosen = logs.gather(1, self._torch.tensor(target)[:, None])
        _forget_behind(cache, length)
        return float(chosen.mean())

    def _prefix(self, prefix: str) -> tuple[Any, int]:
        """Return the model's memory of a prefix, and its length in tokens."""
        if prefix not in self._prefixes:
            from transformers import DynamicCache

            if len(self._prefixes) >= MAX_KEPT_PREFIXES:
                self._prefixes.pop(next(iter(self._prefixes)))
            ids, cache = self._ids(prefix), DynamicCache(config=self._model.config)
            if ids:
                with self._torch.inference_mode():
                    self._read(ids, cache)
            self._prefixes[prefix] = (cache, len(ids))
        return self._prefixes[prefix]

    def _read(self, ids: list[int], cache: Any, keep: int = 1, counted: bool = True) -> Any:
        """Feed tokens behind the cache; return the last ``keep`` rows of logits, ``(keep, V)``."""
        self.tokens_read += len(ids) if counted else 0
        output = self._model(
            self._torch.tensor([ids]), past_key_values=cache, use_cache=True, logits_to_keep=keep
        )
        return output.logits[0]

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _single(self, text: str) -> int:
        ids = self._ids(text)
        if len(ids) != 1:
            raise WeightsDigestError(
                f"the tokenizer splits {text!r} into {len(ids)} tokens; "
                "the weights are not SmolLM2's: run `cinedex models verify`"
            )
        return ids[0]


def _forget_behind(cache: Any, length: int) -> None:
    """Cut the model's memory back to its first ``length`` tokens."""
    surplus = cache.get_seq_length() - length
    if surplus > 0:
        cache.crop(-surplus)


def _precision(chosen: str) -> str:
    """Take bfloat16 where the processor computes in it, unless told."""
    if chosen != "auto":
        return chosen
    import torch

    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return "bfloat16" if supported is not None and supported() else "float32"
