package dev.tutti.paced;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// One way to misbehave. Written `name` or `name=argument`.
public record Fault(Kind kind, long argument) {
  /// No fault.
  public static final Fault NONE = new Fault(Kind.NONE, 0);

  private static final int MAX_ARGUMENT = 1_000_000_000;

  /// What goes wrong. `…_AFTER` count answer tokens that still arrive; an answer shorter than that
  /// is not hurt.
  public enum Kind {
    /// Nothing.
    NONE,
    /// The connection is closed without an answer.
    REFUSE,
    /// The connection is reset without an answer.
    RESET,
    /// Not a byte comes; the slot stays taken until the client leaves.
    HANG,
    /// 429 in the dialect's own shape, with `retry-after: 1`.
    STATUS_429,
    /// 503 in the dialect's own shape.
    STATUS_503,
    /// 500 with a page of HTML.
    STATUS_500,
    /// 502 with a page of HTML, as a proxy before an engine answers.
    STATUS_502,
    /// 200 whose body is an error object.
    ERROR_200,
    /// The first byte comes so many milliseconds later.
    SLOW_FIRST_BYTE,
    /// Silence after so many tokens; the connection stays open.
    STALL_AFTER,
    /// The connection is reset after so many tokens.
    CUT_AFTER,
    /// After so many tokens, bytes that are no record of any dialect, then a clean end.
    GARBAGE_AFTER,
    /// After so many tokens, the dialect's error record, then a clean end.
    ERROR_AFTER,
    /// After so many tokens a clean end, without the record that says that the answer is complete.
    CLEAN_END_AFTER,
    /// A content length greater than the body.
    WRONG_LENGTH,
    /// The answer ends only at the client's limit.
    ENDLESS;

    /// The name in a header or a control request.
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace("status_", "").replace('_', '-');
    }
  }

  /// Checks the range.
  public Fault {
    if (argument < 0 || argument > MAX_ARGUMENT) {
      throw new IllegalArgumentException(
          "argument: " + argument + " (expected: 0 to " + MAX_ARGUMENT + ")");
    }
  }

  /// Reads `name` or `name=argument`.
  public static Fault parse(String text) {
    int equals = text.indexOf('=');
    String name = (equals < 0 ? text : text.substring(0, equals)).strip();
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(each -> each.text().equals(name))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(unknown(name)));
    return new Fault(kind, equals < 0 ? 0 : number(text.substring(equals + 1).strip()));
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException _) {
      throw new IllegalArgumentException("argument: " + text + " (expected: a number)");
    }
  }

  private static String unknown(String name) {
    return "fault: "
        + name
        + " (expected: "
        + Arrays.stream(Kind.values()).map(Kind::text).collect(Collectors.joining(", "))
        + ")";
  }
}
