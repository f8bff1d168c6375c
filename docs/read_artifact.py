"""Read a .stance file of format 1 with the standard library alone: python read_artifact.py MODEL SENTENCE..."""

import json
import math
import re
import struct
import sys
import unicodedata
from collections import Counter
from functools import reduce

MASK = (1 << 64) - 1
LETTERS = dict(
    zip("ıøØłŁđĐþÞðÐəƏßæÆœŒ‘’ʼʻ′´“”–—", "i o O l L d D th TH d D e E ss ae AE oe OE ' ' ' ' ' ' \" \" - -".split())
)
DAMAGE = {"â€™": "'", "â€˜": "'", "â€œ": '"', "â€\x9d": '"', "â€“": "-", "â€”": "-", "Â\xa0": " "}


def read(path):
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header, body = json.loads(file.read(size)), file.read()
    code = {"U8": "B", "I32": "i", "U64": "Q", "F32": "f"}
    manifest, tables = json.loads(header.pop("__metadata__")["manifest"]), {}
    for name, about in header.items():
        values = [v for (v,) in struct.iter_unpack("<" + code[about["dtype"]], body[slice(*about["data_offsets"])])]
        width = about["shape"][1] if len(about["shape"]) == 2 else 1
        tables[name] = values if width == 1 else [tuple(values[i : i + width]) for i in range(0, len(values), width)]
    return manifest, tables


def tokens(text):
    text = f" {text} ".replace("`", "'")
    for damaged, meant in DAMAGE.items():
        text = text.replace(damaged, meant)
    text = unicodedata.normalize("NFKD", "".join(LETTERS.get(c, c) for c in text))
    text = "".join(LETTERS.get(c, c) for c in text if unicodedata.category(c) not in ("Mn", "Me", "Cf"))
    text = re.sub(r"(?<![0-9A-Za-z])U(?:S|\.\s?S\.?(?:\s?A\.?)?)(?![0-9A-Za-z])", "USA ", text.replace("'s ", " "))
    text = "".join(
        c if c.isalnum() and (c.isascii() or unicodedata.category(c)[0] in "LNM") else " " * (c != "'") for c in text
    )
    text = re.sub(r" s {1,3}400", " s400", text.lower()).replace(" s400s ", " s400 ")
    return text.replace(" u s ", " usa ").encode().split()


def ngrams(word, low, high):
    letters = f" {word.decode(errors='replace')[:40]} "
    for size in range(low, high + 1):
        for start in range(len(letters) - size + 1):
            key = reduce(lambda key, c: (key * 0x9E3779B97F4A7C15 + ord(c)) & MASK, letters[start : start + size], 0)
            key = (key + size) * 0xBF58476D1CE4E5B9 & MASK
            yield key ^ key >> 31


def probabilities(manifest, tables, text):
    words = tokens(text)
    index = {word: i for i, word in enumerate(bytes(tables["words"]).split(b"\n"))}
    spelled, width = dict(zip(tables["ngram_hashes"], tables["ngram_rows"])), len(tables["intercept"]) + 1
    pairs = dict(zip(tables["bigrams"], tables["bigram_rows"]))
    anchored = dict(zip(tables["anchor_pairs"], tables["anchor_rows"]))

    def row(word):
        if word in index:
            return tables["word_rows"][index[word]]
        counts = Counter(key for key in ngrams(word, *manifest["ngram_range"]) if key in spelled)
        return [sum(spelled[k][j] * n ** (1 + (j == width - 1)) for k, n in counts.items()) for j in range(width)]

    ids, values = [index.get(word, -1) for word in words], list(tables["intercept"])
    keys = [(a, i) for a, word in enumerate(tables["anchors"]) if word in ids for i in ids if i != word]
    bigrams = [pairs[pair] for pair in zip(ids, ids[1:]) if pair in pairs]
    for block in ([row(word) for word in words], bigrams, [anchored[key] for key in keys if key in anchored]):
        root = math.sqrt(sum(r[-1] for r in block)) or 1.0
        values = [v + sum(r[j] for r in block) / root for j, v in enumerate(values)]
    powers = [math.exp((v - max(values)) / manifest["temperature"]) for v in values]
    return dict(zip(manifest["labels"], (p / sum(powers) for p in powers)))


if __name__ == "__main__":
    for sentence in sys.argv[2:]:
        print(sentence, probabilities(*read(sys.argv[1]), sentence))
