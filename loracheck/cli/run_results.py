"""`RunResults`: what a run keeps of its files' results while they come in, and what it prints of
them at once. A report whose format allows it is printed file by file and kept nowhere; any other is
made when all results are there, from a `ResultStore`.
"""

from __future__ import annotations

from loracheck.reporters import find_result_lines
from loracheck.reporters.result_store import ResultStore
from loracheck.reporters.totals import Totals
from loracheck.type_checking import TYPE_CHECKING

from .run_notes import AdapterFolders, FilesWithoutSetting, describe_settings
from .show_report import Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from loracheck.options.baseline import Baseline
    from loracheck.options.find_files import InputFile
    from loracheck.results import FileResult

    from .check_options import CheckOptions


class RunResults:
    """The results of one run. `baseline` takes the findings that it knows out of them."""

    def __init__(
        self,
        paths: Sequence[str],
        options: CheckOptions,
        output_format: str,
        baseline: Baseline | None = None,
    ) -> None:
        self.totals = Totals()
        self.failures: dict[str, None] = {}
        """Why files could not be judged as they should, each reason once."""

        self.known = 0
        """Findings that the baseline left out."""

        self.store = ResultStore()
        """The results, where they are needed after the last one."""

        self.printed: Callable[[FileResult], Iterator[str]] | None = None
        """What gives a file's lines of a report that is printed file by file."""

        self.without_setting = FilesWithoutSetting(paths, options.stdin_filename)
        self.adapter_folders = AdapterFolders(paths)
        self._verbose = options.verbose
        self._baseline = baseline
        whole = options.outputs or options.write_baseline or options.diff or options.output_file
        if not whole and not options.statistics:
            self.printed = find_result_lines(output_format)
        self._keeps = bool(whole) or (self.printed is None and not options.statistics)
        self._printer = Printer(to_stderr=options.fix and "-" in paths)

    @property
    def needs_each(self) -> bool:
        """Whether the result of a file counts of which there is nothing to tell."""
        return self._keeps or self._baseline is not None

    def add_unrelated(self, files: Sequence[InputFile]) -> None:
        """Take files of which there is nothing to tell but their number, unless `needs_each`."""
        self.totals.add_clean(len(files))
        self.without_setting.add_unrelated(files)

    def add(self, result: FileResult) -> None:
        """Take one file's result."""
        self.failures.update(dict.fromkeys(result.failures))
        self.without_setting.add(result)
        self.adapter_folders.add(result)
        if self._verbose:
            describe_settings(result)
        if self._baseline is not None and not result.unreadable:
            new_findings = self._baseline.new_findings(result.file, result.findings)
            self.known += len(result.findings) - len(new_findings)
            result = result._replace(findings=new_findings)
        self.totals.add(result)
        if self._keeps:
            self.store.add(result)
        elif self.printed is not None and result.findings:
            self._printer.print(self.printed(result))
