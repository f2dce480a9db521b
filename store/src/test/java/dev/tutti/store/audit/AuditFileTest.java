package dev.tutti.store.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tutti.access.audit.Actor;
import dev.tutti.access.audit.AuditAction;
import dev.tutti.access.audit.AuditCheck;
import dev.tutti.access.audit.AuditEntry;
import dev.tutti.access.audit.AuditHead;
import dev.tutti.core.SimulatedTime;
import dev.tutti.testkit.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditFileTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final AuditFileLimits SMALL =
      new AuditFileLimits(8, 1L << 20, Duration.ZERO, Duration.ofMillis(5), Duration.ofSeconds(10));

  @TempDir Path home = Path.of("");
  private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

  private AuditFile open(AuditFileLimits limits) {
    var file = AuditFile.open(home, new SimulatedTime(), limits);
    file.listener(told::add);
    return file;
  }

  private static AuditEntry entry(String target) {
    return AuditEntry.done(Actor.client("first", "127.0.0.1"), AuditAction.NODE_DRAINED, target);
  }

  private Path log() {
    return home.resolve("audit/log");
  }

  private AuditCheck.Verdict verify() {
    try {
      return AuditReader.verify(home.resolve("audit"), Optional.empty());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void write(String... targets) {
    try (var file = open(AuditFileLimits.DEFAULT)) {
      for (String target : targets) {
        file.record(entry(target));
      }
    }
  }

  @Test
  void what_was_recorded_is_there_in_order_signed_and_whole_over_several_lives() throws Exception {
    write("node:a", "node:b");
    write("node:c");
    assertThat(verify()).isEqualTo(new AuditCheck.Verdict.Whole(3, 3));
    var records = new ArrayList<String>();
    AuditReader.records(home.resolve("audit"), records::add);
    assertThat(records).hasSize(3);
    assertThat(records.getFirst())
        .startsWith("{\"n\":1,")
        .contains("\"actor\":\"client\",\"name\":\"first\",\"from\":\"127.0.0.1\"")
        .contains("\"action\":\"node.drain\",\"target\":\"node:a\",\"outcome\":\"done\"");
    assertThat(told).isEmpty();
  }

  @Test
  void nobody_else_can_read_the_key_or_the_log() throws Exception {
    write("node:a");
    for (String name : List.of("key", "key.pub", "log", "heads")) {
      assertThat(Files.getPosixFilePermissions(home.resolve("audit").resolve(name)))
          .as(name)
          .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }
    assertThat(Files.getPosixFilePermissions(home.resolve("audit")))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void a_head_is_signed_when_it_is_due_and_at_the_end() throws Exception {
    try (var file = open(SMALL)) {
      file.record(entry("node:a"));
      Eventually.until("the head", SOON, () -> file.head().isPresent());
      assertThat(file.head().orElseThrow().number()).isEqualTo(1);
    }
    AuditHead kept = AuditReader.head(home.resolve("audit")).orElseThrow();
    assertThat(AuditReader.verify(home.resolve("audit"), Optional.of(kept)))
        .isEqualTo(new AuditCheck.Verdict.Whole(1, 1));
  }

  @Test
  void a_line_that_a_crash_cut_off_is_removed_and_that_is_written_down() throws Exception {
    write("node:a");
    Files.writeString(log(), "0123 half a rec", StandardOpenOption.APPEND);
    assertThat(verify()).isInstanceOf(AuditCheck.Verdict.Broken.class);
    write("node:b");
    assertThat(verify()).isEqualTo(new AuditCheck.Verdict.Whole(3, 3));
    assertThat(Files.readString(log())).contains("a record that was cut off: 15 bytes");
  }

  @Test
  void a_log_that_was_tampered_with_is_set_aside_told_and_named() throws Exception {
    write("node:a", "node:b", "node:c");
    Files.writeString(log(), Files.readString(log()).replace("node:b", "node:x"));
    assertThat(verify()).isEqualTo(new AuditCheck.Verdict.Broken(2, "record 2 was changed"));
    write("node:d");
    assertThat(told)
        .first()
        .asString()
        .contains("tampered with")
        .endsWith("audit.1: record 2 was changed");
    assertThat(verify()).isEqualTo(new AuditCheck.Verdict.Whole(2, 2));
    assertThat(Files.readString(log())).contains("audit.1: record 2 was changed");
    assertThat(AuditReader.verify(home.resolve("audit.1"), Optional.empty()))
        .isEqualTo(new AuditCheck.Verdict.Broken(2, "record 2 was changed"));
  }

  @Test
  void a_log_without_its_tail_its_key_or_its_file_is_found() throws Exception {
    write("node:a", "node:b");
    String whole = Files.readString(log());
    Files.writeString(log(), whole.substring(0, whole.indexOf('\n') + 1));
    assertThat(verify())
        .isEqualTo(
            new AuditCheck.Verdict.Broken(
                2, "records 2 to 2 are missing: a head says they were there"));
    Files.delete(log());
    assertThat(verify())
        .isEqualTo(
            new AuditCheck.Verdict.Broken(
                1, "records 1 to 2 are missing: a head says they were there"));
    Files.delete(home.resolve("audit/key.pub"));
    assertThat(verify())
        .isEqualTo(
            new AuditCheck.Verdict.Broken(0, "the public half of the log's key is missing or bad"));
    write("node:c");
    assertThat(told).first().asString().contains("the key of the log is gone");
  }

  @Test
  void a_log_that_is_full_is_set_aside_and_the_next_one_names_it() throws Exception {
    var limits =
        new AuditFileLimits(
            64, 1_000, Duration.ofHours(1), Duration.ofMillis(5), Duration.ofSeconds(10));
    try (var file = open(limits)) {
      for (int i = 0; i < 6; i++) {
        file.record(entry("node:" + i));
        long before = i + 1L;
        Eventually.until("record " + i, SOON, () -> all() >= before);
      }
    }
    assertThat(AuditReader.logs(home)).hasSizeGreaterThan(1);
    for (AuditReader.Log each : AuditReader.logs(home)) {
      assertThat(AuditReader.verify(each.directory(), Optional.empty()))
          .isInstanceOf(AuditCheck.Verdict.Whole.class);
    }
    assertThat(Files.readString(log())).contains("\"follows\":\"audit.1 ");
    assertThat(told).isEmpty();
  }

  private long all() {
    var count = new long[1];
    for (AuditReader.Log each : AuditReader.logs(home)) {
      try {
        AuditReader.records(
            each.directory(), record -> count[0] += record.contains("node:") ? 1 : 0);
      } catch (IOException _) {
        // It is just being set aside.
      }
    }
    return count[0];
  }

  @Test
  void two_hubs_do_not_write_one_log() {
    try (var first = open(AuditFileLimits.DEFAULT)) {
      first.record(entry("node:a"));
      Eventually.until("the record", SOON, () -> first.health().records() == 1);
      try (var second = open(SMALL)) {
        Eventually.until("the trouble", SOON, () -> !second.health().trouble().isEmpty());
        assertThat(second.health().trouble()).contains("another hub writes it");
      }
    }
    assertThat(verify()).isEqualTo(new AuditCheck.Verdict.Whole(1, 1));
  }

  @Test
  void a_full_disk_is_told_at_once_and_nothing_is_lost_in_silence() throws Exception {
    Path mount = Files.createDirectory(home.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount.toString()),
        "a small disk can be mounted here");
    home = mount;
    try {
      try (var file = open(SMALL)) {
        file.record(entry("node:before"));
        Eventually.until("the record", SOON, () -> file.health().records() == 1);
        Path ballast = mount.resolve("ballast");
        fill(ballast);
        for (int i = 0; i < 40; i++) {
          file.record(entry("node:" + "x".repeat(900) + i));
        }
        Eventually.until("the word", SOON, () -> !told.isEmpty());
        Eventually.until("losses", SOON, () -> file.health().lost() > 0);
        Files.delete(ballast);
        Eventually.until("the end of it", SOON, () -> file.health().trouble().isEmpty());
      }
      assertThat(verify()).isInstanceOf(AuditCheck.Verdict.Whole.class);
      assertThat(Files.readString(log())).contains("node:before").contains("{\"lost\":\"");
    } finally {
      run("umount", mount.toString());
    }
  }

  private static void fill(Path file) {
    try {
      for (int i = 0; i < 1_000; i++) {
        Files.write(file, new byte[1_024], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    } catch (IOException _) {
      // Full.
    }
  }

  private static boolean run(String... command) throws Exception {
    return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
  }
}
