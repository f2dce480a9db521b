package dev.tutti.app.cli;

import dev.tutti.app.cli.Finding.Severity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `tutti doctor`: what is wrong here, and what to do about it.
@Command(
    name = "doctor",
    description = {
      "Look for what keeps the mesh from working on this machine, and say how to mend it.",
      "Ends with 0 when all is well, 5 with warnings, 3 when this machine cannot run Tutti."
    })
final class DoctorCommand implements Callable<Integer> {
  private final Session session;

  @Option(
      names = "--fix",
      description = "Mend what is safe to mend without asking, such as permissions.")
  private boolean fix;

  @Option(
      names = "--scan-lan",
      paramLabel = "NETWORK",
      description = {
        "Ask every address of a private network, such as 192.168.1.0/24, whether an Ollama there",
        "answers everybody. Nothing is asked without this."
      })
  private String lan = "";

  DoctorCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var doctor =
        new Doctor(
            session.environment(),
            session.home(),
            session.hub(),
            Doctor.Scope.USUAL.with(lan.isEmpty() ? List.of() : LanScan.addresses(lan)));
    var findings = doctor.examine();
    if (fix && mend(findings)) {
      findings = doctor.examine();
    }
    print(findings, session.output());
    return verdict(findings).code();
  }

  /// Repairs what can be repaired.
  ///
  /// @return whether there was anything
  private boolean mend(List<Finding> findings) {
    boolean any = false;
    for (var finding : findings) {
      if (finding.repair().isPresent()) {
        any = true;
        try {
          finding.repair().get().run();
          session.output().note("fixed " + finding.id() + ": " + finding.fix());
        } catch (IOException e) {
          session.output().note("cannot fix " + finding.id() + ": " + e.getMessage());
        }
      }
    }
    return any;
  }

  static void print(List<Finding> findings, Output out) {
    if (out.isJson()) {
      var document = Json.object();
      var list = document.putArray("findings");
      findings.forEach(finding -> list.add(finding.toJson()));
      document.put("exit", verdict(findings).code());
      out.document(document);
      return;
    }
    var table = Table.of("SEVERITY", "ID", "CAUSE", "FIX");
    for (var finding : findings) {
      var row = new ArrayList<Table.Cell>();
      row.add(Output.state(finding.severity().wireName()));
      row.add(Table.Cell.of(finding.id()));
      row.add(Table.Cell.of(finding.cause()));
      row.add(new Table.Cell(finding.fix(), Paint.STRONG));
      table.row(row);
    }
    out.table(table);
  }

  private static Exit verdict(List<Finding> findings) {
    if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
      return Exit.ENVIRONMENT;
    }
    return findings.stream().anyMatch(finding -> finding.severity() == Severity.WARNING)
        ? Exit.DEGRADED
        : Exit.OK;
  }
}
