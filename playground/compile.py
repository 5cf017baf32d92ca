# Runs in Pyodide: compiles all modules below /app and packs the folder without their sources, so
# that a reader's browser has nothing to compile.
import py_compile
import zipfile
from pathlib import Path

ROOT = Path("/app")
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
with zipfile.ZipFile("/app.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    for path in sorted(path for path in ROOT.rglob("*") if path.is_file()):
        name = path.relative_to(ROOT).as_posix()
        if path.suffix == ".py":
            made = path.with_suffix(".pyc")
            py_compile.compile(
                str(path), str(made), dfile=name, doraise=True, invalidation_mode=UNCHECKED
            )
            archive.write(made, name + "c")
        else:
            archive.write(path, name)
