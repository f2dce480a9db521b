package dev.tutti.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tutti.core.FailureCode;
import dev.tutti.core.Retry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OtherReadersTest {
  private static Answers.Read read(AnswerReader reader, String text) {
    byte[] all = text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    byte[] first = Arrays.copyOf(all, all.length / 2);
    byte[] second = Arrays.copyOfRange(all, all.length / 2, all.length);
    return Answers.read(reader, List.of(first, second));
  }

  @Test
  void openai_vectors_are_put_in_the_order_of_their_inputs() {
    var read =
        read(
            new EmbeddingReader(2),
            "{'data':[{'index':1,'embedding':[3,4e-1]},{'index':0,'embedding':[1.5,-2]}],"
                + "'usage':{'prompt_tokens':7,'total_tokens':7}}");
    assertThat(read.deltas().getFirst()).isEqualTo("Vectors[[1.5, -2.0], [3.0, 0.4]]");
    assertThat(read.deltas().get(1)).startsWith("Usage[promptTokens=7,");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{'input_tokens':63}",
        "{'count':63,'max_model_len':4096,'tokens':[1,2,3],'token_strs':null}"
      })
  void a_count_is_read_from_either_kind_of_engine(String answer) {
    assertThat(read(new CountReader(), answer).deltas()).containsExactly("Counted[tokens=63]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{'tokens':[1,2]}", "{'count':'many'}", "[63]", "<html>"})
  void what_counts_nothing_is_no_answer(String answer) {
    var read = read(new CountReader(), answer);
    assertThat(read.deltas()).isEmpty();
    assertThat(read.failure()).isPresent();
  }

  @Test
  void base64_vectors_are_read_as_little_endian_floats() {
    assertThat(
            read(new EmbeddingReader(1), "{'data':[{'embedding':'AACAPwAAAMA='}]}")
                .deltas()
                .getFirst())
        .isEqualTo("Vectors[[1.0, -2.0]]");
  }

  @Test
  void ollama_vectors_come_with_their_times() {
    var read =
        read(
            new EmbeddingReader(1),
            "{'model':'e','embeddings':[[0.5,0.25]],'total_duration':30,'load_duration':10,"
                + "'prompt_eval_count':4}");
    assertThat(read.deltas())
        .containsExactly(
            "Vectors[[0.5, 0.25]]",
            "Usage[promptTokens=4, cachedTokens=0, outputTokens=0, loadNanos=10, promptNanos=20,"
                + " outputNanos=0]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{'data':[{'embedding':[1,",
        "{'data':[]}",
        "{'data':[{'index':5,'embedding':[1]}]}",
        "{'data':[{'index':0,'embedding':[1]},{'index':0,'embedding':[1]}]}",
        "{'data':[{'index':0,'embedding':[]}]}",
        "{'data':[{'index':0,'embedding':['a']}]}",
        "{'data':[{'index':0,'embedding':'A'}]}",
        "{'data':[{'index':0,'embedding':'AAA='}]}",
        "{'embeddings':[[1],[2]]}",
        "{'embeddings':[[null]]}",
        "{'embeddings':[[1e92]]}",
        "{'data':[{'index':0,'embedding':'AADAfw=='}]}",
        "{'error':'no'}",
        "{'embeddings':[[1]]} x",
        "<html>",
      })
  void vectors_that_are_not_there_are_an_engines_error(String body) {
    var read = read(new EmbeddingReader(1), body);
    assertThat(read.deltas()).isEmpty();
    assertThat(read.failure().orElseThrow().code()).isEqualTo(FailureCode.ENGINE_ERROR);
  }

  @Test
  void vectors_are_refused_at_their_limit() {
    byte[] piece = " ".repeat(1024 * 1024).getBytes(StandardCharsets.UTF_8);
    var read = Answers.read(new EmbeddingReader(1), Collections.nCopies(65, piece));
    assertThat(read.failure().orElseThrow().message())
        .isEqualTo("the engine's answer is too long (expected: at most 67108864 bytes)");
  }

  @Test
  void an_openai_engine_has_loaded_what_it_lists() {
    var listed = new ModelListReader("b:latest", new Delta.Resident(true));
    assertThat(read(listed, "{'object':'list','data':[{'id':'a'},{'id':'b'}]}"))
        .isEqualTo(new Answers.Read(List.of("Resident[loaded=true]"), Optional.empty()));
    var only = new ModelListReader("alias", new Delta.Resident(true));
    assertThat(read(only, "{'models':[{'name':'x'}],'data':[{'id':'a.gguf'}]}").deltas())
        .hasSize(1);
    var missing = new ModelListReader("c", new Delta.Resident(true));
    var failure = read(missing, "{'data':[{'id':'a'},{'id':'b'}]}").failure().orElseThrow();
    assertThat(failure.retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
    var none = new ModelListReader("c", new Delta.Resident(true));
    assertThat(read(none, "{'data':[]}").failure()).isPresent();
    var garbage = new ModelListReader("c", new Delta.Resident(true));
    assertThat(read(garbage, "{'data':[3]}").failure().orElseThrow().code())
        .isEqualTo(FailureCode.ENGINE_ERROR);
  }

  @Test
  void an_ollama_says_whether_it_loaded_or_unloaded() {
    String answer = "{'model':'m','message':{'role':'assistant','content':''},'done':true,";
    assertThat(read(new ResidencyReader(), answer + "'done_reason':'load'}").deltas())
        .containsExactly("Resident[loaded=true]");
    assertThat(read(new ResidencyReader(), answer + "'done_reason':'unload'}").deltas())
        .containsExactly("Resident[loaded=false]");
    assertThat(read(new ResidencyReader(), "{'error':'no'}").failure().orElseThrow().message())
        .isEqualTo("engine: no");
    assertThat(read(new ResidencyReader(), "{'done':false}").failure().orElseThrow().code())
        .isEqualTo(FailureCode.BROKEN_STREAM);
  }
}
