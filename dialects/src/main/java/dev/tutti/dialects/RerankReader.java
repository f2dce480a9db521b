package dev.tutti.dialects;

import dev.tutti.core.Failure;
import dev.tutti.core.MeshException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// Reads what llama-server and vLLM answer to `/v1/rerank`: one object.
final class RerankReader implements AnswerReader {
  /// How long an answer may be, in bytes: some engines repeat the documents.
  static final int MAX_BYTES = 64 * 1024 * 1024;

  private final Work.Rerank work;
  private final Utf8Buffer body = new Utf8Buffer(MAX_BYTES);
  private final OpenAiUsage usage = new OpenAiUsage();
  private final List<Delta.Rank> ranks = new ArrayList<>();
  private final BitSet seen = new BitSet();

  RerankReader(Work.Rerank work) {
    this.work = work;
  }

  @Override
  public void feed(byte[] bytes, Consumer<Delta> out) {
    body.raw(bytes);
  }

  @Override
  public Optional<Failure> end(Consumer<Delta> out) {
    int wanted = Math.min(work.best().orElse(Integer.MAX_VALUE), work.documents().size());
    try {
      JsonPieces.object(body.array(), 0, body.size(), this::root);
      if (ranks.size() < wanted) {
        throw EngineErrors.inAnswer(ranks.size() + " ranks (expected: " + wanted + ")");
      }
    } catch (MeshException e) {
      return Optional.of(e.failure());
    }
    ranks.sort(Comparator.comparingDouble(Delta.Rank::relevance).reversed());
    out.accept(new Delta.Ranking(ranks.subList(0, wanted)));
    usage.delta().ifPresent(out);
    return Optional.empty();
  }

  @Override
  public Failure refused(int status, String retryAfter, byte[] body) {
    return EngineErrors.refusedPath(status, retryAfter, body, "does not rerank");
  }

  private void root(JsonParser parser) {
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      parser.nextToken();
      switch (name) {
        case "results" -> results(parser);
        case "usage" -> usage.readUsage(parser);
        case "error" -> {
          if (parser.currentToken() != JsonToken.VALUE_NULL) {
            throw EngineErrors.inAnswer(EngineErrors.words(JsonPieces.tree(parser)).orElse(""));
          }
        }
        default -> parser.skipChildren();
      }
    }
  }

  private void results(JsonParser parser) {
    if (!JsonPieces.isArray(parser)) {
      return;
    }
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (!JsonPieces.isObject(parser)) {
        throw EngineErrors.garbage();
      }
      int index = -1;
      double relevance = Double.NaN;
      for (String name = parser.nextName(); name != null; name = parser.nextName()) {
        parser.nextToken();
        switch (name) {
          case "index" -> index = JsonPieces.count(parser);
          case "relevance_score", "score" -> relevance = JsonPieces.number(parser);
          default -> parser.skipChildren();
        }
      }
      if (index < 0 || index >= work.documents().size() || !Double.isFinite(relevance)) {
        throw EngineErrors.garbage();
      }
      if (seen.get(index)) {
        throw EngineErrors.garbage();
      }
      seen.set(index);
      ranks.add(new Delta.Rank(index, relevance));
    }
  }
}
