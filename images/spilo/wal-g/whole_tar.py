"""Tar archives that are unpacked to their end, or not at all.

Python's tarfile takes a header that it cannot read, and one that is missing, for the end of the archive: of a damaged base
backup it unpacks what comes before the damage, and all seems well.
"""

import tarfile


class StrictTarInfo(tarfile.TarInfo):
    """Only two empty blocks are an end."""

    @classmethod
    def fromtarfile(cls, archive):
        try:
            return super().fromtarfile(archive)
        except (tarfile.InvalidHeaderError, tarfile.EmptyHeaderError, tarfile.TruncatedHeaderError) as error:
            raise tarfile.ReadError(f"the backup is damaged at byte {archive.offset} of its archive: {error}") from None


def insist():
    tarfile.TarFile.tarinfo = StrictTarInfo
