package dev.tutti.access.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AuditCheckTest {
  private static final Instant AT = Instant.parse("2026-07-01T12:00:00Z");
  private static final KeyPair KEY = key();

  private final byte[] log = log(6);
  private final List<String> heads = List.of(head(2), head(6));

  private static KeyPair key() {
    try {
      return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }

  private static AuditEntry entry(int number) {
    return AuditEntry.done(
            Actor.client("öwner \"first\"\n", "127.0.0.1"),
            AuditAction.NODE_DRAINED,
            "node:eve" + number)
        .with("why", "it is hot");
  }

  private static byte[] log(int records) {
    var text = new java.io.ByteArrayOutputStream();
    byte[] before = AuditChain.genesis(KEY.getPublic());
    for (int i = 1; i <= records; i++) {
      byte[] record = AuditChain.canonical(i, AT.plusSeconds(i), entry(i));
      before = AuditChain.hash(before, record);
      text.writeBytes(AuditChain.line(before, record));
      text.write('\n');
    }
    return text.toByteArray();
  }

  private static String head(int number) {
    byte[] before = AuditChain.genesis(KEY.getPublic());
    for (int i = 1; i <= number; i++) {
      before = AuditChain.hash(before, AuditChain.canonical(i, AT.plusSeconds(i), entry(i)));
    }
    return AuditHead.sign(number, before, AT, KEY.getPrivate()).line();
  }

  private static AuditCheck.Verdict check(byte[] log, List<String> heads) {
    var check = new AuditCheck(KEY.getPublic());
    heads.forEach(check::head);
    int from = 0;
    for (int i = 0; i < log.length; i++) {
      if (log[i] == '\n') {
        check.line(java.util.Arrays.copyOfRange(log, from, i));
        from = i + 1;
      }
    }
    if (from < log.length) {
      check.cutOff();
    }
    return check.end();
  }

  private static long brokenAt(AuditCheck.Verdict verdict) {
    return switch (verdict) {
      case AuditCheck.Verdict.Broken(long record, String _) -> record;
      case AuditCheck.Verdict.Whole whole -> throw new AssertionError("not found: " + whole);
    };
  }

  private List<String> lines() {
    return new ArrayList<>(List.of(new String(log, StandardCharsets.UTF_8).split("\n", -1)))
        .subList(0, 6);
  }

  private static byte[] bytes(List<String> lines) {
    return (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void a_log_that_nobody_touched_is_whole() {
    assertThat(check(log, heads)).isEqualTo(new AuditCheck.Verdict.Whole(6, 6));
  }

  @Test
  void every_changed_byte_is_found_and_its_record_named() {
    int record = 1;
    for (int i = 0; i < log.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] changed = log.clone();
        changed[i] ^= (byte) (1 << bit);
        assertThat(brokenAt(check(changed, List.of()))).as("%d.%d", i, bit).isEqualTo(record);
      }
      record += log[i] == '\n' ? 1 : 0;
    }
  }

  @Test
  void every_two_records_that_change_places_are_found() {
    for (int i = 0; i < 6; i++) {
      for (int j = i + 1; j < 6; j++) {
        List<String> swapped = lines();
        Collections.swap(swapped, i, j);
        assertThat(brokenAt(check(bytes(swapped), heads))).isEqualTo(i + 1);
      }
    }
  }

  @Test
  void every_record_that_is_taken_out_or_doubled_is_found() {
    for (int i = 0; i < 6; i++) {
      List<String> fewer = new ArrayList<>(lines());
      fewer.remove(i);
      assertThat(brokenAt(check(bytes(fewer), heads))).isEqualTo(i + 1);
      List<String> more = new ArrayList<>(lines());
      more.add(i, more.get(i));
      assertThat(brokenAt(check(bytes(more), heads))).isEqualTo(i + 2);
    }
  }

  @Test
  void a_tail_that_is_cut_off_below_the_signed_head_is_found() {
    for (int kept = 0; kept < log.length; kept++) {
      byte[] shorter = java.util.Arrays.copyOf(log, kept);
      long whole =
          new String(shorter, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
      assertThat(brokenAt(check(shorter, heads))).as("%d bytes", kept).isEqualTo(whole + 1);
    }
  }

  @Test
  void every_changed_byte_of_a_head_is_found() {
    for (int i = 0; i < heads.getLast().length(); i++) {
      for (int bit = 0; bit < 7; bit++) {
        var chars = heads.getLast().toCharArray();
        chars[i] ^= (char) (1 << bit);
        assertThat(brokenAt(check(log, List.of(heads.getFirst(), new String(chars))))).isZero();
      }
    }
  }

  @Test
  void a_log_that_was_written_anew_does_not_fit_what_was_signed() {
    byte[] before = AuditChain.genesis(KEY.getPublic());
    var text = new java.io.ByteArrayOutputStream();
    for (int i = 1; i <= 6; i++) {
      byte[] record = AuditChain.canonical(i, AT.plusSeconds(i), entry(i == 4 ? 99 : i));
      before = AuditChain.hash(before, record);
      text.writeBytes(AuditChain.line(before, record));
      text.write('\n');
    }
    assertThat(check(text.toByteArray(), List.of())).isInstanceOf(AuditCheck.Verdict.Whole.class);
    assertThat(brokenAt(check(text.toByteArray(), heads))).isEqualTo(6);
  }

  @Test
  void the_log_of_another_key_is_not_this_one() {
    var check = new AuditCheck(key().getPublic());
    check.line(lines().getFirst().getBytes(StandardCharsets.UTF_8));
    assertThat(brokenAt(check.end())).isEqualTo(1);
  }

  @Test
  void a_head_that_was_kept_elsewhere_finds_what_a_rewritten_pair_hides() {
    var check = new AuditCheck(KEY.getPublic());
    check.head(head(2));
    check.keptElsewhere(AuditHead.parse(head(4)).orElseThrow());
    for (String line : lines().subList(0, 3)) {
      check.line(line.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(brokenAt(check.end())).isEqualTo(4);
  }

  @Test
  void a_record_holds_no_line_end_and_no_more_than_fits() {
    var entry =
        new AuditEntry(
            Actor.node("x".repeat(9_000), "a\r\nb"),
            AuditAction.NODE_JOINED,
            "\u2028\u0000\u007f",
            AuditEntry.Outcome.FAILED,
            Map.of("k", "v".repeat(100_000)));
    byte[] record = AuditChain.canonical(7, AT, entry);
    assertThat(new String(record, StandardCharsets.UTF_8))
        .doesNotContain("\n")
        .contains("\\u2028\\u0000\\u007f")
        .contains("a\\u000d\\u000ab");
    assertThat(record.length).isLessThan(AuditLimits.MAX_LINE_BYTES);
  }

  @Test
  void equal_prompts_have_equal_names_under_one_salt_only() {
    var hash = new PromptHash(HexFormat.of().parseHex("00".repeat(16)));
    var other = new PromptHash(HexFormat.of().parseHex("01".repeat(16)));
    assertThat(hash.of("hello")).hasSize(64).isEqualTo(hash.of("hello"));
    assertThat(hash.of("hello")).isNotEqualTo(other.of("hello")).isNotEqualTo(hash.of("hullo"));
  }
}
