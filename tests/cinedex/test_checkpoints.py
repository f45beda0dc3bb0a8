"""Checkpoints that a profile names: what they are known by, and whom they are handed to."""

import json
import re
import shutil
from dataclasses import replace

import pytest
from safetensors.torch import load_file, save_file

from cinedex.checkpoints import NamedCheckpoints
from cinedex.weights.checkpoint_id import checkpoint_id
from cinedex.weights.profile import load_profile
from store.errors import ConfigError, InputError, WeightsMissingError
from tests.indexer.tiny_siglip import HIDDEN, build_siglip
from tests.reasoner.videomind.tiny_checkpoint import build_checkpoint

pytestmark = pytest.mark.usefixtures("one_thread")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("profile")
    build_siglip(folder / "siglip", 1)
    build_checkpoint(folder / "tiny", 1)
    return folder


def named(folder, words):
    path = folder / "own.toml"
    path.write_text(f'extends = "pocket"\n{words}')
    return NamedCheckpoints(load_profile(str(path)), offline=True)


def test_a_commit_names_a_checkpoint_of_a_hub():
    assert checkpoint_id(f"google/siglip2@{COMMIT}") == "google/siglip2@0123456789ab"


def test_content_names_a_folder_wherever_it_lies(folder, tmp_path):
    before = checkpoint_id(str(folder / "siglip"))
    moved = shutil.copytree(folder / "siglip", tmp_path / "elsewhere")
    assert checkpoint_id(str(moved)) == before
    build_siglip(moved, 2)
    assert checkpoint_id(str(moved)) != before


def test_pocket_names_none():
    pocket = NamedCheckpoints(load_profile("pocket"), offline=True)
    assert pocket.captioner() is None
    assert pocket.picture_encoder() is None
    assert pocket.picture_query_encoder() is None


def test_both_towers_are_known_before_they_load_and_meet(folder):
    found = named(folder, '[pictures]\ncheckpoint = "siglip"\ndevice = "cpu"\n')
    pictures, queries = found.picture_encoder(), found.picture_query_encoder()
    name = f"siglip({checkpoint_id(str(folder / 'siglip'))})"
    assert pictures.model_id == queries.encoder_id == name
    assert pictures.get().query_encoder_id == name
    assert queries.encode_text(["a red door"]).shape == (1, HIDDEN)


def test_a_profile_may_tell_a_folder_from_home(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    found = named(folder, '[pictures]\ncheckpoint = "~/siglip"\n')
    assert found.places() == {str(folder / "siglip"): folder / "siglip"}
    assert found.picture_encoder().model_id == f"siglip({checkpoint_id(str(folder / 'siglip'))})"


def test_a_checkpoint_that_is_nowhere_is_said_when_it_is_needed(folder):
    found = named(folder, '[pictures]\ncheckpoint = "nowhere"\n')
    with pytest.raises(InputError, match="nowhere"):
        found.picture_encoder().get()


def test_the_captioner_shares_the_model_that_answers(folder):
    words = '[videomind]\ncheckpoint = "tiny"\ndevice = "cpu"\ncaptions = true\n'
    found = named(folder, words)
    captioner = found.captioner()
    assert captioner.get()._model.backbone is found.videomind().model.backbone
    assert captioner.get().model_id == captioner.model_id


def test_adapters_over_the_base_model_do_not_rename_the_captioner(folder):
    """Its name is part of the stage key of captions: another would write all of them anew."""
    alone = named(folder, '[videomind]\nbase = "tiny/base"\ncaptions = true\n')
    for words in ('checkpoint = "tiny"', 'checkpoint = "tiny"\nbase = "tiny/base"'):
        adapted = named(folder, f"[videomind]\n{words}\ncaptions = true\n")
        assert adapted.captioner().model_id == alone.captioner().model_id
    standard = replace(load_profile("standard").videomind, checkpoint=f"owner/name@{COMMIT}")
    more = replace(load_profile("standard"), videomind=standard)
    assert NamedCheckpoints(more, offline=True).captioner().model_id == (
        "captions@2(Qwen/Qwen2-VL-2B-Instruct@895c3a49bc3f)"
    )


def test_a_base_model_elsewhere_is_part_of_the_name(folder, tmp_path):
    base = shutil.copytree(folder / "tiny" / "base", tmp_path / "base")
    words = f'[videomind]\ncheckpoint = "tiny"\nbase = "{base}"\n'
    own, other = checkpoint_id(str(folder / "tiny")), checkpoint_id(str(base))
    assert named(folder, words).videomind_id() == f"videomind({own}+{other})"
    words = '[videomind]\ncheckpoint = "tiny"\n'
    assert named(folder, words).videomind_id() == f"videomind({own})"


@pytest.mark.parametrize(
    ("lost", "file"),
    [
        ("q_proj.lora_A", "tiny/verifier/adapter_model.safetensors"),
        ("coef.scale", "tiny/pytorch_model.safetensors"),
        ("up_proj", "tiny/base/model.safetensors"),
    ],
)
def test_a_tensor_that_a_checkpoint_lacks_is_found_without_loading_it(folder, tmp_path, lost, file):
    shutil.copytree(folder / "tiny", tmp_path / "tiny")
    found = named(tmp_path, '[videomind]\ncheckpoint = "tiny"\n')
    place = str(tmp_path / "tiny")
    assert found.check() == {place: ""}
    tensors = load_file(tmp_path / file)
    del tensors[next(name for name in tensors if lost in name)]
    save_file(tensors, tmp_path / file, metadata={"format": "pt"})
    assert lost in found.check()[place]


def test_captions_are_composed_unless_asked_for(folder):
    assert named(folder, '[videomind]\ncheckpoint = "tiny"\n').captioner() is None
    with pytest.raises(ConfigError, match="captions is true or false"):
        named(folder, '[videomind]\ncheckpoint = "tiny"\ncaptions = "yes"\n')


def test_a_base_model_alone_captions_and_does_not_answer(folder):
    found = named(folder, '[videomind]\nbase = "tiny/base"\ndevice = "cpu"\ncaptions = true\n')
    captioner = found.captioner()
    assert captioner.model_id == f"captions@2({checkpoint_id(str(folder / 'tiny' / 'base'))})"
    assert captioner.get().model_id == captioner.model_id
    assert found.videomind() is None


def test_a_profile_says_more_of_what_it_extends(folder):
    path = folder / "more.toml"
    path.write_text(f'extends = "standard"\n[videomind]\ncheckpoint = "owner/name@{COMMIT}"\n')
    standard, more = load_profile("standard"), load_profile(str(path))
    assert more.pictures == standard.pictures
    assert more.videomind == replace(standard.videomind, checkpoint=f"owner/name@{COMMIT}")
    assert NamedCheckpoints(more, offline=True).videomind_id() == (
        f"videomind(owner/name@0123456789ab+{checkpoint_id(standard.videomind.base)})"
    )


def test_shipped_checkpoints_are_pinned_and_said_where_they_are_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    standard = load_profile("standard")
    found = NamedCheckpoints(standard, offline=True)
    for place in (standard.videomind.base, standard.pictures.checkpoint):
        assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", place)
    with pytest.raises(WeightsMissingError, match="Qwen2-VL-2B-Instruct"):
        found.captioner().get()


def test_a_table_that_names_no_model_is_refused(folder):
    with pytest.raises(ConfigError, match="neither checkpoint nor base"):
        named(folder, "[videomind]\ncaptions = true\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('[videomnd]\ncheckpoint = "tiny"', "unknown videomnd at the top, where extends, roles"),
        ('[roles]\nspeach = "whisper-base"', r"unknown speach in \[roles\], where .*speech"),
        (
            '[videomind]\nbase = "tiny/base"\nfoo = 1',
            r"unknown foo in \[videomind\], where checkpoint, base, device, precision, captions",
        ),
        (
            '[pictures]\ncheckpoit = "siglip"',
            r"unknown checkpoit in \[pictures\], where checkpoint",
        ),
        (
            '[videomind]\nbase = "tiny/base"\nprecision = "float8"',
            "precision is auto, .*, got 'float8'",
        ),
        ('[videomind]\nbase = "tiny/base"\ndevice = "meta"', "no device 'meta'; use auto, cpu"),
        ('[pictures]\ncheckpoint = "siglip"\ndevice = 3', "no device 3; use auto, cpu"),
        ("[pictures]\ncheckpoint = 5", "named in quotation marks, got 5"),
        ('pictures = "siglip"', r"pictures is no table; write \[pictures\]"),
        ("[pictures]", r"\[pictures\] names no checkpoint"),
    ],
)
def test_a_profile_with_what_is_not_known_is_refused(folder, words, said):
    with pytest.raises(ConfigError, match=rf"own\.toml is no profile: .*{said}"):
        named(folder, f"{words}\n")


def test_a_fault_in_one_checkpoint_leaves_the_others_to_be_checked(folder, tmp_path):
    shutil.copytree(folder / "tiny", tmp_path / "tiny")
    (tmp_path / "tiny" / "videomind.json").write_text('{"format": 1}')
    words = f'[videomind]\ncheckpoint = "tiny"\n[pictures]\ncheckpoint = "{folder / "siglip"}"\n'
    seeing, pictures = named(tmp_path, words).check().values()
    assert "videomind.json does not say what it must" in seeing
    assert pictures == ""


def test_a_base_model_that_cannot_caption_is_found_before_it_loads(folder, tmp_path):
    shutil.copytree(folder / "tiny", tmp_path / "tiny")
    file = tmp_path / "tiny" / "base" / "tokenizer.json"
    words = file.read_text("utf-8")
    alone, adapted = (
        f"[videomind]\n{place}\ncaptions = true\n"
        for place in ('base = "tiny/base"', 'checkpoint = "tiny"')
    )
    for lack in (file.unlink, lambda: file.write_text(words.replace("video_pad", "picture_pad"))):
        lack()
        for seen in (alone, adapted):
            assert "tokenizer" in next(iter(named(tmp_path, seen).check().values()))
        silent = adapted.replace("true", "false")
        assert not any(named(tmp_path, silent).check().values())


def test_a_base_model_whose_texts_do_not_end_is_found_before_it_loads(folder, tmp_path):
    shutil.copytree(folder / "tiny" / "base", tmp_path / "base")
    for path in (tmp_path / "base").glob("*config.json"):
        said = json.loads(path.read_text()) | {"eos_token_id": None}
        path.write_text(json.dumps(said))
    found = named(tmp_path, '[videomind]\nbase = "base"\ncaptions = true\n')
    assert "names no eos_token_id" in found.check()[str(tmp_path / "base")]


@pytest.mark.parametrize("file", ["tokenizer.json", "preprocessor_config.json"])
def test_a_space_of_pictures_that_lacks_a_file_is_found_before_it_loads(folder, tmp_path, file):
    shutil.copytree(folder / "siglip", tmp_path / "siglip")
    found = named(tmp_path, '[pictures]\ncheckpoint = "siglip"\n')
    assert not any(found.check().values())
    (tmp_path / "siglip" / file).unlink()
    assert file in found.check()[str(tmp_path / "siglip")]
