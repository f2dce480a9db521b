package dev.tutti.app.cli;

import dev.tutti.access.audit.AuditCheck;
import dev.tutti.access.audit.AuditHead;
import dev.tutti.store.audit.AuditReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/// `tutti audit …`: the record of what was done. Reads the files of the home: no hub is needed, and
/// none is trusted.
@Command(
    name = "audit",
    description = {
      "Show and check the record of everything that changed the mesh.",
      "It is read from the home on this machine; nothing is changed."
    })
final class AuditCommands {
  /// The most records that are shown as a table.
  private static final int MAX_SHOWN = 10_000;

  private final Session session;

  AuditCommands(Session session) {
    this.session = session;
  }

  @Command(
      name = "verify",
      description = {
        "Check every record against the chain and the signed heads.",
        "Ends with 1 and names the first bad record when anything was changed."
      })
  int verify(
      @Option(
              names = "--head",
              paramLabel = "FILE",
              description = "A head that was kept elsewhere, as 'audit head' printed it.")
          Optional<Path> kept) {
    var head = kept.map(AuditCommands::head);
    var out = session.output();
    var document = Json.object();
    var list = document.putArray("logs");
    boolean whole = true;
    for (var log : logs()) {
      var verdict = verdict(log, head.filter(_ -> log.current()));
      var name = String.valueOf(log.directory().getFileName());
      var entry = list.addObject().put("log", name);
      switch (verdict) {
        case AuditCheck.Verdict.Whole(long records, long signed) -> {
          entry.put("whole", true).put("records", records).put("signed", signed);
          say(
              out,
              name
                  + ": "
                  + Text.count(records, "record")
                  + ", all as written; "
                  + signed
                  + " of them signed");
        }
        case AuditCheck.Verdict.Broken(long record, String why) -> {
          whole = false;
          entry.put("whole", false).put("first_bad_record", record).put("why", why);
          say(out, name + ": " + why);
        }
      }
    }
    document.put("whole", whole);
    if (out.isJson()) {
      out.document(document);
    }
    return (whole ? Exit.OK : Exit.FAILED).code();
  }

  @Command(name = "show", description = "The newest records, oldest of them first.")
  int show(
      @Option(
              names = "--last",
              paramLabel = "N",
              defaultValue = "50",
              description = "How many. Default: ${DEFAULT-VALUE}.")
          int last) {
    if (last < 1 || last > MAX_SHOWN) {
      throw new CliException(Exit.USAGE, "--last: " + last + " (expected: 1 to " + MAX_SHOWN + ")");
    }
    var newest = new ArrayDeque<String>();
    for (var log : logs()) {
      read(
          log,
          record -> {
            newest.add(record);
            if (newest.size() > last) {
              newest.remove();
            }
          });
    }
    var out = session.output();
    if (out.isJson()) {
      var document = Json.object();
      var list = document.putArray("records");
      newest.forEach(record -> Json.parse(record).ifPresent(list::add));
      out.document(document);
      return Exit.OK.code();
    }
    var table = Table.of(">N", "AT", "WHO", "FROM", "ACTION", "TARGET", "OUTCOME", "DETAILS");
    newest.forEach(record -> Json.parse(record).ifPresent(each -> row(table, each)));
    out.table(table);
    return Exit.OK.code();
  }

  @Command(
      name = "export",
      description = "Every record as one JSON object per line, on standard output.")
  int export() {
    var out = session.output();
    for (var log : logs()) {
      read(log, record -> Json.parse(record).ifPresent(out::documentLine));
    }
    return Exit.OK.code();
  }

  @Command(
      name = "head",
      description = {
        "The newest signed head, in one line. Keep it on another machine: with it 'audit verify'",
        "finds a log that was rewritten together with its heads."
      })
  int printHead() {
    var current = logs().stream().filter(AuditReader.Log::current).findFirst();
    var head = current.flatMap(AuditCommands::newest);
    if (head.isEmpty()) {
      throw new CliException(Exit.DOWN, "nothing of the audit log is signed yet");
    }
    var out = session.output();
    if (out.isJson()) {
      out.document(
          Json.object()
              .put("number", head.get().number())
              .put("hash", head.get().hash())
              .put("at", head.get().at().toString())
              .put("signature", head.get().signature()));
    } else {
      out.line(head.get().line());
    }
    return Exit.OK.code();
  }

  private static void say(Output out, String line) {
    if (!out.isJson()) {
      out.line(line);
    }
  }

  private static void row(Table table, JsonNode record) {
    var details = new StringJoiner(" ");
    record
        .path("details")
        .properties()
        .forEach(detail -> details.add(detail.getKey() + "=" + detail.getValue().asString("")));
    var name = Json.text(record, "name");
    table.row(
        Json.text(record, "n"),
        Json.text(record, "at"),
        Json.text(record, "actor") + (name.isEmpty() ? "" : " " + name),
        Json.text(record, "from"),
        Json.text(record, "action"),
        Json.text(record, "target"),
        Json.text(record, "outcome"),
        details.toString());
  }

  private List<AuditReader.Log> logs() {
    var logs = AuditReader.logs(session.home());
    if (logs.isEmpty()) {
      throw new CliException(
          Exit.DOWN, "no audit log in " + session.home() + " (expected: the home of a hub)");
    }
    return logs;
  }

  private static AuditCheck.Verdict verdict(AuditReader.Log log, Optional<AuditHead> kept) {
    try {
      return AuditReader.verify(log.directory(), kept);
    } catch (IOException e) {
      throw unreadable(log, e);
    }
  }

  private static void read(AuditReader.Log log, java.util.function.Consumer<String> reader) {
    try {
      AuditReader.records(log.directory(), reader);
    } catch (IOException e) {
      throw unreadable(log, e);
    }
  }

  private static Optional<AuditHead> newest(AuditReader.Log log) {
    try {
      return AuditReader.head(log.directory());
    } catch (IOException e) {
      throw unreadable(log, e);
    }
  }

  private static CliException unreadable(AuditReader.Log log, IOException cause) {
    return new CliException(
        Exit.FAILED, log.directory() + ": cannot be read (" + cause.getMessage() + ")");
  }

  private static AuditHead head(Path file) {
    try {
      return AuditHead.parse(Files.readString(file, StandardCharsets.ISO_8859_1).strip())
          .orElseThrow(
              () -> new CliException(Exit.USAGE, "--head: " + file + " (expected: a signed head)"));
    } catch (IOException e) {
      throw new CliException(Exit.USAGE, "--head: " + file + " (expected: a file with a head)");
    }
  }
}
