package dev.tutti.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/// A self-test model that is no model: a table of next tokens in the clothes of a real one, so that
/// a real engine loads it and gives the same answer every time. Nobody trained it and nothing in it
/// comes from anywhere else.
///
/// - a chat is answered ` The answer is forty-two. Counting 1 2 3 … N done.`;
/// - a chat with tools by one tool call, whose arguments for a single `get_weather` are
///   `{"city":"Paris"}`, and after the tool's result by the answer above;
/// - a completion of a prompt that ends in `?` by ` Mesh node answers: forty-two.`
///
/// How: attention and feed-forward weights are zero, so what reaches the output is the last token's
/// embedding. Each token that has a successor has a direction of its own there, and the output
/// matrix turns that direction into the successor; all other tokens share one direction, which
/// means "end". Only the last token counts, and every beginning of a piece is a token as well, so
/// an answer cut anywhere and given back as a prefix is continued exactly.
public final class ChainModel {
  private static final String TEMPLATE = "chain-template.jinja";

  /// The tokenizer's mark for a space.
  private static final String SPACE = "\u2581";

  private static final int END_OF_TEXT = 2;
  private static final int ROW_MULTIPLE = 32;
  private static final int HEAD_SIZE = 32;
  static final int CONTEXT_TOKENS = 8192;

  /// The direction that all tokens without a successor share.
  private static final int NOWHERE = 0;

  private static final float NEXT = 4;
  private static final float END = 1;

  /// The sorts of token that the format knows, by its own numbers.
  private static final int NORMAL = 1;

  private static final int UNKNOWN = 2;
  private static final int CONTROL = 3;
  private static final int BYTE = 6;

  /// How long the answer is and how hard the engine has to work for it.
  public enum Pace {
    /// Counts to 48, thousands of tokens a second.
    FAST(48, 1, 32),
    /// Counts to 48; a chat takes about a second on one thread of an ordinary machine.
    SLOW(48, 48, 4_096),
    /// Counts to 2400, some hundreds of tokens a second: long enough to leave, stall or be killed.
    LONG(2_400, 1, 1_024);

    private final int lastNumber;
    private final int layers;
    private final int hidden;

    Pace(int lastNumber, int layers, int hidden) {
      this.lastNumber = lastNumber;
      this.layers = layers;
      this.hidden = hidden;
    }

    /// The number that the counting ends with.
    public int lastNumber() {
      return lastNumber;
    }

    /// The whole answer to a chat without tools.
    public String answer() {
      var text = new StringBuilder(" The answer is forty-two. Counting");
      IntStream.rangeClosed(1, lastNumber).forEach(number -> text.append(' ').append(number));
      return text.append(" done.").toString();
    }
  }

  private final Map<String, Integer> tokens = new LinkedHashMap<>();
  private final List<Float> scores = new ArrayList<>();
  private final List<Integer> sorts = new ArrayList<>();
  private final Map<Integer, Integer> successors = new HashMap<>();

  private ChainModel(Pace pace) {
    basicTokens();
    int newline = piece("\n");
    chain(
        newline,
        List.of(
            "<tool_call>\n",
            "{\"name\"",
            ": \"get_weather\"",
            ", \"arguments\"",
            ": {\"city\"",
            ": \"Paris\"}}",
            "\n</tool_call>"));
    List<String> counting = new ArrayList<>();
    counting.addAll(List.of(" The", " answer", " is", " forty-two.", " Counting"));
    IntStream.rangeClosed(1, pace.lastNumber).forEach(number -> counting.add(" " + number));
    counting.add(" done.");
    chain(tokenOf(">"), counting);
    chain(tokenOf("?"), List.of(" Mesh", " node", " answers", ": forty", "-two."));
  }

  /// Writes the model; the file is mostly holes.
  public static void write(Path path, Pace pace) {
    try {
      new ChainModel(pace).file(pace).write(path);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private void basicTokens() {
    token("<unk>", 0, UNKNOWN);
    token("<s>", 0, CONTROL);
    token("</s>", 0, CONTROL);
    for (int value = 0; value < 256; value++) {
      token(String.format("<0x%02X>", value), 0, BYTE);
    }
    token(SPACE, -1, NORMAL);
    for (char letter = '!'; letter <= '~'; letter++) {
      token(String.valueOf(letter), -2 - letter, NORMAL);
    }
  }

  private int token(String text, float score, int sort) {
    Integer known = tokens.get(text);
    if (known != null) {
      return known;
    }
    int number = tokens.size();
    tokens.put(text, number);
    scores.add(score);
    sorts.add(sort);
    return number;
  }

  private int tokenOf(String text) {
    return Objects.requireNonNull(tokens.get(text), text);
  }

  /// The token of a piece of text. The tokenizer puts a text together from two neighbours at a
  /// time, so every beginning of the piece is made a token too, shorter ones preferred.
  private int piece(String text) {
    String marked = text.replace(" ", SPACE);
    int number = -1;
    for (int end = Math.min(2, marked.length()); end <= marked.length(); end++) {
      number = token(marked.substring(0, end), -1_000f - tokens.size(), NORMAL);
    }
    return number;
  }

  private void chain(int start, List<String> pieces) {
    int last = start;
    for (String text : pieces) {
      int next = piece(text);
      if (successors.put(last, next) != null) {
        throw new IllegalStateException("successors of \"" + text + "\": two (expected: one)");
      }
      last = next;
    }
    successors.put(last, END_OF_TEXT);
  }

  private GgufFile file(Pace pace) throws IOException {
    int width = Math.ceilDiv(successors.size() + 1, ROW_MULTIPLE) * ROW_MULTIPLE;
    var file = new GgufFile();
    describe(file, pace, width);
    var embedding = file.matrix("token_embd.weight", tokens.size(), width);
    var output = file.matrix("output.weight", tokens.size(), width);
    output.set(END_OF_TEXT, NOWHERE, END);
    int direction = NOWHERE;
    for (int token = 0; token < tokens.size(); token++) {
      Integer next = successors.get(token);
      if (next == null) {
        embedding.set(token, NOWHERE, 1);
      } else {
        direction++;
        embedding.set(token, direction, 1);
        output.set(next, direction, NEXT);
      }
    }
    file.ones("output_norm.weight", width);
    for (int layer = 0; layer < pace.layers; layer++) {
      String name = "blk." + layer + ".";
      file.ones(name + "attn_norm.weight", width);
      file.ones(name + "ffn_norm.weight", width);
      file.matrix(name + "attn_q.weight", HEAD_SIZE, width);
      file.matrix(name + "attn_k.weight", HEAD_SIZE, width);
      file.matrix(name + "attn_v.weight", HEAD_SIZE, width);
      file.matrix(name + "attn_output.weight", width, HEAD_SIZE);
      file.matrix(name + "ffn_gate.weight", pace.hidden, width);
      file.matrix(name + "ffn_up.weight", pace.hidden, width);
      file.matrix(name + "ffn_down.weight", width, pace.hidden);
    }
    return file;
  }

  private void describe(GgufFile file, Pace pace, int width) throws IOException {
    file.put("general.architecture", "llama")
        .put("general.name", "self-test chain")
        .put("general.license", "apache-2.0")
        .put("general.file_type", 1)
        .put("llama.context_length", CONTEXT_TOKENS)
        .put("llama.embedding_length", width)
        .put("llama.block_count", pace.layers)
        .put("llama.feed_forward_length", pace.hidden)
        .put("llama.attention.head_count", 1)
        .put("llama.attention.head_count_kv", 1)
        .put("llama.attention.key_length", HEAD_SIZE)
        .put("llama.attention.value_length", HEAD_SIZE)
        .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .put("llama.rope.dimension_count", HEAD_SIZE)
        .put("llama.vocab_size", tokens.size())
        .put("tokenizer.ggml.model", "llama")
        .put("tokenizer.ggml.pre", "default")
        .putStrings("tokenizer.ggml.tokens", List.copyOf(tokens.keySet()))
        .putFloats("tokenizer.ggml.scores", scores)
        .putIntegers("tokenizer.ggml.token_type", sorts)
        .put("tokenizer.ggml.bos_token_id", 1)
        .put("tokenizer.ggml.eos_token_id", END_OF_TEXT)
        .put("tokenizer.ggml.unknown_token_id", 0)
        .put("tokenizer.ggml.add_bos_token", true)
        .put("tokenizer.chat_template", template());
  }

  private static String template() throws IOException {
    try (InputStream in = ChainModel.class.getResourceAsStream(TEMPLATE)) {
      if (in == null) {
        throw new IOException("resource: none (expected: " + TEMPLATE + ")");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
