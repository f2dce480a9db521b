package dev.tutti.app.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.core.SimulatedTime;
import dev.tutti.store.audit.AuditFile;
import dev.tutti.store.audit.AuditFileLimits;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditCommandsTest {
  @TempDir Path home = Path.of("");
  private final CommandRun command = new CommandRun();

  private void written() {
    try (var file = AuditFile.open(home, new SimulatedTime(), AuditFileLimits.DEFAULT)) {
      file.record(AuditEntry.done(Actor.HUB, AuditAction.HUB_STARTED, "").with("version", "1"));
      file.record(
          AuditEntry.done(
              Actor.client("first", "192.168.1.9"), AuditAction.NODE_DRAINED, "node:eve"));
    }
  }

  private int run(String... args) {
    var all = new java.util.ArrayList<String>(java.util.List.of("audit"));
    all.addAll(java.util.List.of(args));
    all.addAll(java.util.List.of("--home", home.toString()));
    return command.run(all.toArray(String[]::new));
  }

  @Test
  void a_log_that_nobody_touched_is_whole() {
    written();
    assertThat(run("verify")).isZero();
    assertThat(command.out()).isEqualTo("audit: 2 records, all as written; 2 of them signed\n");
  }

  @Test
  void the_first_bad_record_is_named_for_people_and_scripts() throws Exception {
    written();
    Path log = home.resolve("audit/log");
    Files.writeString(log, Files.readString(log).replace("node:eve", "node:bob"));
    assertThat(run("verify", "--json")).isEqualTo(1);
    assertThat(command.out()).contains("\"first_bad_record\" : 2").contains("record 2 was changed");
  }

  @Test
  void a_head_that_was_kept_finds_a_log_that_was_written_anew() throws Exception {
    written();
    assertThat(run("head")).isZero();
    Path kept = home.resolve("kept");
    Files.writeString(kept, command.out());
    assertThat(run("verify", "--head", kept.toString())).isZero();
    for (String name : java.util.List.of("log", "heads", "key", "key.pub")) {
      Files.delete(home.resolve("audit").resolve(name));
    }
    written();
    assertThat(run("verify")).isZero();
    assertThat(run("verify", "--head", kept.toString())).isEqualTo(1);
    assertThat(command.out()).contains("not signed by this log's key");
  }

  @Test
  void records_are_shown_as_a_table_and_exported_as_lines() {
    written();
    assertThat(run("show", "--last", "1")).isZero();
    assertThat(command.out())
        .contains("client first")
        .contains("192.168.1.9")
        .contains("node.drain")
        .doesNotContain("hub.started");
    assertThat(run("export")).isZero();
    assertThat(command.out()).contains("{\"n\":1,\"at\":\"").contains("\"target\":\"node:eve\"");
  }

  @Test
  void where_no_hub_ran_there_is_nothing_to_check() {
    assertThat(run("verify")).isEqualTo(Exit.DOWN.code());
    assertThat(command.err()).contains("no audit log in");
  }
}
