package dev.tutti.app.cli;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `tutti import FILE`: Symphony's file of workers.
@Command(
    name = "import",
    description = {
      "Take an openclaw_workers.json into tutti.yaml: its engines, priorities and routing rules.",
      "What has no meaning here is listed with its line. A hub that runs reads it at once."
    })
final class ImportCommand implements Callable<Integer> {
  private final Session session;
  private final Processes processes;

  @Parameters(paramLabel = "FILE", description = "The file to import.")
  private Path file = Path.of("");

  @Option(
      names = "--live",
      description = "Point at the file instead: changes of it then hold at once, too.")
  private boolean live;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The configuration file. Default: tutti.yaml in the home.")
  private String config = "";

  ImportCommand(Session session, Processes processes) {
    this.session = session;
    this.processes = processes;
  }

  @Override
  public Integer call() {
    Imported imported;
    try {
      imported =
          processes.importFile(
              new ImportOptions(
                  file, Optional.of(config).filter(text -> !text.isBlank()).map(Path::of), live));
    } catch (IllegalArgumentException | UncheckedIOException e) {
      throw new CliException(Exit.FAILED, String.valueOf(e.getMessage()).replace("\n", "; "));
    }
    Output out = session.output();
    Exit exit = imported.written() ? Exit.OK : Exit.FAILED;
    if (out.isJson()) {
      var document =
          Json.object()
              .put("config", imported.config().toString())
              .put("written", imported.written())
              .put("backends", imported.backends())
              .put("rules", imported.rules())
              .put("settings", imported.settings());
      var notes = document.putArray("notes");
      imported.notes().forEach(notes::add);
      out.document(document);
      return exit.code();
    }
    imported.notes().forEach(out::note);
    if (imported.written()) {
      out.note(
          imported.backends()
              + " engines and "
              + imported.rules()
              + " rules are now in "
              + imported.config());
    } else {
      out.line(imported.settings());
      out.note(
          imported.config()
              + " has backends, workers or rules already. Merge the above by hand, or use --live.");
    }
    return exit.code();
  }
}
