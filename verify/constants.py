"""Every number and label of format 1, named once. FORMAT.md says what each is for."""

from __future__ import annotations

FORMAT_VERSION = 1

# Names in an archive (FORMAT.md section 3)
BUNDLE_FOLDER = "bundles/sha256"
ENTRY_FOLDER = "log/entries"
CHECKPOINT_FOLDER = "log/checkpoints"
SO_FAR_FOLDER = "log/so-far"
ROOT_FOLDER = "root"
KEY_FOLDER = "keys"

# Limits (FORMAT.md section 2)
MAX_CONTROL_BYTES = 16 * 1024 * 1024
MAX_CHECKPOINT_BYTES = 64 * 1024
MAX_AGE_HEADER_BYTES = 64 * 1024
MAX_AGE_STANZAS = 20
MAX_BUNDLE_BYTES = 256 * 1024 * 1024 * 1024
MAX_RECORD_BYTES = 256 * 1024 * 1024
MAX_BLOCK_ROWS = 65_536
MAX_BLOCKS = 4_194_304
MAX_LOG_ENTRIES = 16_777_216
MAX_SIGNATURES = 16

BLOCK_BYTES = 1024 * 1024
"""Text of one block, in bytes, unless it is a single line."""

# State tree (FORMAT.md section 5)
LEAF_LABEL = b"strongroom/v1/leaf\x00"
EPOCH_SECRET_BYTES = 32
HASH_BYTES = 32

# Bundle plaintext (FORMAT.md section 6); magic numbers are RFC 8878 skippable frames
OBJECT_TABLE_MAGIC = 0x184D2A50
BLOCK_TABLE_MAGIC = 0x184D2A51
TOMBSTONES_MAGIC = 0x184D2A52
FOOTER_MAGIC = 0x184D2A53
SKIPPABLE_HEADER_BYTES = 8
PAGE_HEADER = "<III"
BLOCK_ROW = "<QIIIIQ"
FOOTER = "<8sB7x16sQQQQQQQQI4x32s32s32s"
FOOTER_PAYLOAD_BYTES = 200
FOOTER_FRAME_BYTES = FOOTER_PAYLOAD_BYTES + SKIPPABLE_HEADER_BYTES
FOOTER_LABEL = b"SRbundl1"
KIND_FULL, KIND_DELTA, KIND_EVENTS = 1, 2, 3

# Bundle ciphertext and segments (C2SP age.md; FORMAT.md section 8)
AGE_CHUNK_BYTES = 65_536
AGE_TAG_BYTES = 16
AGE_NONCE_BYTES = 16
SEGMENT_BYTES = 65_536

# Statements (FORMAT.md section 9)
PAYLOAD_TYPES = {
    "root": "application/vnd.strongroom.root+json",
    "manifest": "application/vnd.strongroom.manifest+json",
    "run": "application/vnd.strongroom.run+json",
    "canary": "application/vnd.strongroom.canary+json",
    "events": "application/vnd.strongroom.events+json",
}
KEY_PAIR_LABEL = b"strongroom/v1/key-pair\x00"
ORIGIN_PREFIX = "strongroom.invalid/"
CANARY_FIRST_LINE = "strongroom canary"
