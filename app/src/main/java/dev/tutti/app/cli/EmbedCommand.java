package dev.tutti.app.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `tutti embed`: texts as vectors.
@Command(
    name = "embed",
    description = {
      "Turn texts into vectors: a line of numbers for each.",
      "Each argument is one text; without any, each line of standard input is one."
    })
final class EmbedCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(index = "0", paramLabel = "MODEL", description = "An embedding model.")
  private String model = "";

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "TEXT", description = "The texts.")
  private List<String> texts = new ArrayList<>();

  EmbedCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    var inputs =
        texts.isEmpty()
            ? Prompts.piped(session).lines().filter(line -> !line.isBlank()).toList()
            : texts;
    if (inputs.isEmpty()) {
      throw new CliException(Exit.USAGE, "TEXT: nothing (expected: a text to embed)");
    }
    var body = Json.object().put("model", model);
    var array = body.putArray("input");
    inputs.forEach(array::add);
    var answer = session.hub().ask("/v1/embeddings", body, Map.of());
    var out = session.output();
    if (out.isJson()) {
      out.document(answer.document());
      return Exit.OK.code();
    }
    for (var item : Json.items(answer.document(), "data")) {
      var numbers = new ArrayList<String>();
      for (var number : item.path("embedding").values()) {
        numbers.add(String.format(Locale.ROOT, "%.6f", number.asDouble(0)));
      }
      out.line(String.join(" ", numbers));
    }
    Prompts.warnIfSimulated(answer, out);
    return Exit.OK.code();
  }
}
