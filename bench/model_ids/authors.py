"""Checkpoints by the repositories of those who trained them: a README lists the ids and says which
architecture of transformers they are.

Source: the README of each repository below, at its newest commit: `BertModel.from_pretrained`,
`RobertaModel.from_pretrained` and the like beside the list of ids, or the architecture in words.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

_BERT, _ELECTRA = "BertForMaskedLM", "ElectraForPreTraining"
_ROBERTA, _ROBERTA_CLASSIFIER = "RobertaForMaskedLM", "RobertaForSequenceClassification"

STATEMENTS: dict[str, dict[str, str]] = {
    "ymcui/Chinese-BERT-wwm": {
        r"hfl/chinese-(?:bert|roberta)-wwm(?:-ext)?(?:-large)?|hfl/rbtl?\d": _BERT,
    },
    "ymcui/MacBERT": {r"hfl/chinese-macbert-(?:base|large)": _BERT},
    "ymcui/Chinese-ELECTRA": {
        r"hfl/chinese-[\w-]*electra-[\w-]+-discriminator": _ELECTRA,
        r"hfl/chinese-[\w-]*electra-[\w-]+-generator": "ElectraForMaskedLM",
    },
    "microsoft/CodeBERT": {
        r"microsoft/(?:codebert|unixcoder)-base": "RobertaModel",
        r"microsoft/(?:graphcodebert-base|codebert-base-mlm)": _ROBERTA,
        r"microsoft/codereviewer": "T5ForConditionalGeneration",
    },
    "IndoNLP/indonlu": {
        r"indobenchmark/indobert-(?:base|large)-p[12]": "BertModel",
        r"indobenchmark/indobert-lite-(?:base|large)-p[12]": "AlbertModel",
    },
    "aub-mind/arabert": {
        r"aubmindlab/bert-(?:base|large)-arabert[\w-]*": _BERT,
        r"aubmindlab/araelectra-base-discriminator": _ELECTRA,
        r"aubmindlab/araelectra-base-generator": "ElectraForMaskedLM",
        r"aubmindlab/aragpt2-(?:base|medium)": "GPT2LMHeadModel",
    },
    "cardiffnlp/tweeteval": {
        r"cardiffnlp/twitter-roberta-base": _ROBERTA,
        r"cardiffnlp/twitter-roberta-base-(?:sentiment|offensive|irony|hate|emotion|emoji)": (
            _ROBERTA_CLASSIFIER
        ),
    },
    "VinAIResearch/BERTweet": {r"vinai/bertweet-[\w-]+": _ROBERTA},
    "VinAIResearch/PhoBERT": {r"vinai/phobert-(?:base|large|base-v2)": _ROBERTA},
    "neuralmind-ai/portuguese-bert": {r"neuralmind/bert-(?:base|large)-portuguese-cased": _BERT},
    "dccuchile/beto": {r"dccuchile/bert-base-spanish-wwm-(?:un)?cased": _BERT},
    "dmis-lab/biobert-pytorch": {r"dmis-lab/biobert-(?:base|large)-cased-v1\.[12]": "BertModel"},
    "michiyasunaga/LinkBERT": {r"michiyasunaga/(?:Bio)?LinkBERT-(?:base|large)": "BertModel"},
    "dbmdz/berts": {
        r"dbmdz/bert-base-[\w-]+": _BERT,
        r"dbmdz/electra-[\w-]+-discriminator": _ELECTRA,
        r"dbmdz/distilbert-[\w-]+": "DistilBertForMaskedLM",
    },
    "stefan-it/turkish-bert": {
        r"dbmdz/bert-base-turkish-[\w-]+": _BERT,
        r"dbmdz/electra-[\w-]+-discriminator": _ELECTRA,
        r"dbmdz/distilbert-base-turkish-cased": "DistilBertForMaskedLM",
    },
    "csebuetnlp/banglabert": {
        r"csebuetnlp/(?:banglabert(?:_small|_large)?|banglishbert)": _ELECTRA,
    },
    "cl-tohoku/bert-japanese": {r"tohoku-nlp/bert-(?:base|large)-japanese[\w-]*": _BERT},
    "hooshvare/parsbert": {
        r"HooshvareLab/bert-(?:fa(?:-zwnj)?-base(?:-uncased)?|base-parsbert-uncased)": _BERT,
        r"HooshvareLab/roberta-fa-zwnj-base": _ROBERTA,
        r"HooshvareLab/distilbert-fa-zwnj-base": "DistilBertForMaskedLM",
    },
}
"""Repository -> patterns of its ids, and the class of each."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one README."""
    statements = STATEMENTS[source.partition(":")[0]]
    for pattern, cls in statements.items():
        for name in sorted(set(re.findall(rf"(?<![\w.-])(?:{pattern})(?![\w-])", text))):
            yield ModelId(name, None, cls, source)


REGISTRIES = tuple(
    SimpleNamespace(REPOSITORY=repository, FILES=("README*.md", "*/README*.md"), read_ids=read_ids)
    for repository in STATEMENTS
)
"""Each repository as a registry of its own."""
