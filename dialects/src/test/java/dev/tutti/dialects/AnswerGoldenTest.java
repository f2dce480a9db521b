package dev.tutti.dialects;

import dev.tutti.core.MeshException;
import dev.tutti.dialects.ClientRequest.Endpoint;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerGoldenTest {
  private static final List<Endpoint> ENDPOINTS =
      List.of(
          Endpoint.OPENAI_CHAT,
          Endpoint.OPENAI_COMPLETIONS,
          Endpoint.OLLAMA_CHAT,
          Endpoint.OLLAMA_GENERATE,
          Endpoint.ANTHROPIC_MESSAGES);

  static List<String> answers() {
    return Golden.names("answers");
  }

  @ParameterizedTest
  @MethodSource("answers")
  void each_engines_answer_becomes_what_each_client_expects(String name) {
    List<Delta> deltas = Answers.deltas(Answers.reader(name), Golden.read("answers", name));
    var out = new StringBuilder("== deltas\n");
    deltas.forEach(delta -> out.append(Answers.shown(delta)).append('\n'));
    for (Endpoint endpoint : ENDPOINTS) {
      out.append("\n== ").append(endpoint).append(" stream\n").append(told(endpoint, true, deltas));
      out.append("\n== ").append(endpoint).append(" whole\n").append(told(endpoint, false, deltas));
      out.append('\n');
    }
    Golden.check("clients", name + ".txt", out.toString());
  }

  private static String told(Endpoint endpoint, boolean stream, List<Delta> deltas) {
    try {
      return Answers.write(Answers.writer(endpoint, stream), deltas);
    } catch (MeshException e) {
      return e.failure().toString();
    }
  }
}
