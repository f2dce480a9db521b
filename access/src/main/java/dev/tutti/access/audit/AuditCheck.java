package dev.tutti.access.audit;

import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Goes through a log from its first line to its last and names the first record that is not what
/// was written. Takes lines one by one, so that a log may be larger than memory. One thread.
public final class AuditCheck {
  private static final Pattern NUMBER = Pattern.compile("^\\{\"n\":([1-9][0-9]{0,17}),\"at\":\"");
  private static final int LOOKED_AT = 64;

  private final PublicKey key;
  private final List<AuditHead> heads = new ArrayList<>();
  private byte[] before;
  private long records;
  private int headsSeen;
  private @Nullable Verdict broken;

  /// @param key the public half of the key that signs the log
  public AuditCheck(PublicKey key) {
    this.key = key;
    this.before = AuditChain.genesis(key);
  }

  /// What the check says.
  public sealed interface Verdict {
    /// Every record is what was written, as far as heads tell.
    ///
    /// @param records how many
    /// @param signed how many of them the last head covers
    record Whole(long records, long signed) implements Verdict {}

    /// Something was changed.
    ///
    /// @param record the first record that is wrong; 0 when a head is
    /// @param why in words
    record Broken(long record, String why) implements Verdict {}
  }

  /// Takes one head, in the order in which they were written and before any record.
  public void head(String line) {
    int number = heads.size() + 1;
    Optional<AuditHead> head = AuditHead.parse(line);
    if (head.isEmpty()) {
      breakAt(0, "head " + number + " is none (expected: a signed head)");
    } else if (!head.get().isSignedBy(key)) {
      breakAt(0, "head " + number + " is not signed by this log's key");
    } else if (!heads.isEmpty() && head.get().number() < heads.getLast().number()) {
      breakAt(0, "head " + number + " is older than the one before it");
    } else {
      heads.add(head.get());
    }
  }

  /// Takes one record.
  ///
  /// @param line without its end
  public void line(byte[] line) {
    if (broken != null) {
      return;
    }
    long expected = records + 1;
    OptionalLong said = number(line);
    byte[] record = said.isEmpty() ? new byte[0] : record(line);
    byte[] hash = AuditChain.hash(before, record);
    boolean inPlace = said.isPresent() && said.getAsLong() == expected;
    if (inPlace && Arrays.equals(AuditChain.line(hash, record), line)) {
      records = expected;
      before = hash;
      compareWithHeads();
    } else if (said.isPresent() && !inPlace) {
      breakAt(
          expected,
          "record " + expected + " is missing: record " + said.getAsLong() + " is in its place");
    } else {
      breakAt(expected, "record " + expected + " was changed");
    }
  }

  /// The last line has no end.
  public void cutOff() {
    breakAt(records + 1, "record " + (records + 1) + " is cut off");
  }

  /// Compares with a head that was kept elsewhere.
  public void keptElsewhere(AuditHead head) {
    if (!head.isSignedBy(key)) {
      breakAt(0, "the head that was kept elsewhere is not signed by this log's key");
      return;
    }
    int at = 0;
    while (at < heads.size() && heads.get(at).number() < head.number()) {
      at++;
    }
    heads.add(at, head);
  }

  /// The verdict, when everything was taken.
  public Verdict end() {
    compareWithHeads();
    if (broken == null && headsSeen < heads.size()) {
      long signed = heads.getLast().number();
      breakAt(
          records + 1,
          "records "
              + (records + 1)
              + " to "
              + signed
              + " are missing: a head says they were there");
    }
    long signed = heads.isEmpty() ? 0 : heads.getLast().number();
    return broken == null ? new Verdict.Whole(records, signed) : broken;
  }

  /// The hash of the last good record, in hexadecimal.
  public String lastHash() {
    return HexFormat.of().formatHex(before);
  }

  /// How many records were good.
  public long records() {
    return records;
  }

  /// The number that a line claims to have, if it looks like a record at all.
  public static OptionalLong number(byte[] line) {
    if (line.length <= AuditChain.HASH_CHARS + 1 || line[AuditChain.HASH_CHARS] != ' ') {
      return OptionalLong.empty();
    }
    int from = AuditChain.HASH_CHARS + 1;
    int length = Math.min(LOOKED_AT, line.length - from);
    Matcher number = NUMBER.matcher(new String(line, from, length, StandardCharsets.ISO_8859_1));
    return number.find() ? OptionalLong.of(Long.parseLong(number.group(1))) : OptionalLong.empty();
  }

  /// The record in a line whose number is known.
  public static byte[] record(byte[] line) {
    return Arrays.copyOfRange(line, AuditChain.HASH_CHARS + 1, line.length);
  }

  private void compareWithHeads() {
    while (headsSeen < heads.size() && heads.get(headsSeen).number() <= records) {
      AuditHead head = heads.get(headsSeen);
      headsSeen++;
      boolean same = head.number() < records || head.hash().equals(lastHash());
      if (!same) {
        breakAt(records, "record " + records + " or one before it is not what was signed");
      }
    }
  }

  /// The first finding counts; what is wrong with a record says more than what is with a head.
  private void breakAt(long record, String why) {
    if (broken == null) {
      broken = new Verdict.Broken(record, why);
    }
  }
}
