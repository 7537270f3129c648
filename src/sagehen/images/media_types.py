"""Media types of manifests, of the configurations of images, and of layers.

Source: OCI image specification 1.1, "Media types"; Docker's Image Manifest Version 2, Schema 2.
"""

from __future__ import annotations

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"

MANIFESTS = frozenset((OCI_MANIFEST, DOCKER_MANIFEST))
INDEXES = frozenset((OCI_INDEX, DOCKER_LIST))

OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
CONFIGS = frozenset((OCI_CONFIG, DOCKER_CONFIG))

# What is inside is told by its first bytes; a name only says that it is a layer of files.
LAYERS = frozenset(
    {
        *(f"application/vnd.oci.image.layer.v1.tar{kind}" for kind in ("", "+gzip", "+zstd")),
        *(
            f"application/vnd.oci.image.layer.nondistributable.v1.tar{kind}"
            for kind in ("", "+gzip", "+zstd")
        ),
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.diff.tar.zstd",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    }
)
DEFAULT_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
