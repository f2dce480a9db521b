package dev.tutti.simulate;

import dev.tutti.dispatch.Prompt;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Requests that somebody's users really sent.
///
/// @param entries in the order of their arrival, the first at 0
public record Trace(List<Entry> entries) {
  /// The most requests of a trace.
  public static final int MAX_ENTRIES = 2_000_000;

  /// The most tokens of one prompt or answer.
  public static final int MAX_TOKENS = 10_000_000;

  /// Tokens of each block that a Mooncake trace has an id for.
  static final int BLOCK_TOKENS = 512;

  private static final String AZURE_HEADER = "TIMESTAMP,ContextTokens,GeneratedTokens";
  private static final int AZURE_FIELDS = 3;

  /// A request of a trace.
  ///
  /// @param nanos when it came, from the first one's arrival
  /// @param prompt its length, and what it shares with others
  /// @param outputTokens how long its answer was, at least 1
  /// @param client who asked, empty when the trace does not say
  public record Entry(long nanos, Prompt prompt, int outputTokens, String client) {}

  /// Copies the list.
  public Trace {
    entries = List.copyOf(entries);
  }

  /// The first so many requests; all of them when there are no more.
  public Trace first(int limit) {
    return new Trace(entries.subList(0, Math.min(limit, entries.size())));
  }

  /// How long the trace is, from its first to its last arrival.
  long spanNanos() {
    return entries.isEmpty() ? 0 : entries.getLast().nanos();
  }

  /// Reads a trace, in the format its first line has: Azure's CSV with its header, else Mooncake's
  /// JSON, one object a line.
  ///
  /// @param name what the text is called in messages
  public static Trace read(String name, BufferedReader text) throws IOException {
    var entries = new ArrayList<Entry>();
    String line = text.readLine();
    boolean azure = line != null && line.strip().equals(AZURE_HEADER);
    int number = 1;
    if (azure) {
      line = text.readLine();
      number++;
    }
    for (; line != null; line = text.readLine(), number++) {
      if (line.isBlank()) {
        continue;
      }
      try {
        entries.add(azure ? azure(line) : mooncake(line));
      } catch (InputException wrong) {
        throw new InputException(name + ":" + number + ": " + wrong.getMessage(), wrong);
      }
      if (entries.size() > MAX_ENTRIES) {
        throw new InputException(name + ": longer (expected: <= " + MAX_ENTRIES + " requests)");
      }
    }
    if (entries.isEmpty()) {
      throw new InputException(name + ": no request (expected: a Mooncake or Azure trace)");
    }
    return ordered(entries);
  }

  /// In the order of arrival and from 0 on.
  private static Trace ordered(List<Entry> entries) {
    entries.sort(Comparator.comparingLong(Entry::nanos));
    long start = entries.getFirst().nanos();
    return new Trace(
        entries.stream()
            .map(e -> new Entry(e.nanos() - start, e.prompt(), e.outputTokens(), e.client()))
            .toList());
  }

  private static Entry mooncake(String line) {
    JsonNode node;
    try {
      node = JsonMapper.shared().readTree(line);
    } catch (JacksonException e) {
      throw new InputException("not JSON (expected: an object a line)", e);
    }
    long millis = whole(node, "timestamp", 0, Duration.ofDays(36_500).toMillis());
    int input = (int) whole(node, "input_length", 1, MAX_TOKENS);
    int output = (int) whole(node, "output_length", 0, MAX_TOKENS);
    JsonNode ids = node.path("hash_ids");
    if (!ids.isMissingNode() && !ids.isArray()) {
      throw new InputException("hash_ids: " + ids.getNodeType() + " (expected: a list)");
    }
    int blocks = Math.min(ids.size(), (input + BLOCK_TOKENS - 1) / BLOCK_TOKENS);
    var hashes = new long[blocks];
    var upTo = new int[blocks];
    long sofar = 0;
    for (int i = 0; i < blocks; i++) {
      JsonNode id = ids.get(i);
      if (!id.isIntegralNumber() || !id.canConvertToLong()) {
        throw new InputException("hash_ids[" + i + "]: " + id + " (expected: a whole number)");
      }
      // An id stands for its block, and our hash for everything up to the block's end.
      sofar = mix(sofar ^ mix(id.longValue() + 1));
      hashes[i] = sofar;
      upTo[i] = Math.min(input, (i + 1) * BLOCK_TOKENS);
    }
    return new Entry(
        millis * 1_000_000,
        Prompt.of(input, hashes, upTo),
        Math.max(1, output),
        node.path("client").asString(""));
  }

  private static long whole(JsonNode node, String field, long least, long most) {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber()
        || !value.canConvertToLong()
        || value.longValue() < least
        || value.longValue() > most) {
      String said = value.isMissingNode() ? "missing" : value.toString();
      throw new InputException(
          field + ": " + said + " (expected: a whole number from " + least + " to " + most + ")");
    }
    return value.longValue();
  }

  private static Entry azure(String line) {
    String[] fields = line.strip().split(",", -1);
    if (fields.length != AZURE_FIELDS) {
      throw new InputException(fields.length + " fields (expected: " + AZURE_HEADER + ")");
    }
    return new Entry(
        time(fields[0]),
        Prompt.of(Math.max(1, tokens("ContextTokens", fields[1]))),
        Math.max(1, tokens("GeneratedTokens", fields[2])),
        "");
  }

  private static int tokens(String field, String text) {
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= 0 && value <= MAX_TOKENS) {
        return value;
      }
    } catch (NumberFormatException _) {
      // told below
    }
    throw new InputException(field + ": " + text + " (expected: 0 to " + MAX_TOKENS + ")");
  }

  /// Nanoseconds since an hour that is the same for all lines.
  private static long time(String text) {
    String iso = text.strip().replace(' ', 'T');
    try {
      boolean zoned = iso.endsWith("Z") || iso.contains("+");
      Instant at =
          zoned
              ? OffsetDateTime.parse(iso).toInstant()
              : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
      if (at.getEpochSecond() >= 0) {
        return Math.addExact(Math.multiplyExact(at.getEpochSecond(), 1_000_000_000L), at.getNano());
      }
    } catch (DateTimeException | ArithmeticException _) {
      // told below
    }
    throw new InputException(
        "TIMESTAMP: " + text + " (expected: a date and time as 2023-11-16 18:15:46.68)");
  }

  /// Spreads the bits of a number over all of it (the finisher of SplitMix64).
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
