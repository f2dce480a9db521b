package dev.tutti.paced;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PacedMainTest {
  @Test
  void a_process_says_where_it_listens_answers_and_ends_with_its_input()
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(PacedMain.class.getName());
    command.addAll(List.of("--port", "0", "--kind", "llama-server", "--name", "maestro"));
    command.addAll(List.of("--models", "sim/a:8b=4.5,sim/b:embed", "--slots", "3"));
    command.addAll(List.of("--prefill", "900", "--decode", "8.5", "--load", "0"));
    command.addAll(List.of("--answer", "endless", "--until-eof"));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        var http = HttpClient.newHttpClient()) {
      String line = String.valueOf(out.readLine());
      assertThat(line).matches("listening http://127\\.0\\.0\\.1:\\d+");
      var request = HttpRequest.newBuilder(URI.create(line.substring(10) + "/props")).build();
      var body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      assertThat(Caller.JSON.readTree(body).path("total_slots").asInt()).isEqualTo(3);
      assertThat(Caller.JSON.readTree(body).path("model_alias").asString()).isEqualTo("sim/a:8b");
      process.getOutputStream().close();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--kind cello",
        "--slots 0",
        "--port",
        "--tempo 3",
        "--decode x",
        "--models ''",
        "--script /none"
      })
  void wrong_options_are_told_with_the_usage(String line) {
    var err = new ByteArrayOutputStream();
    int exit =
        PacedMain.run(
            line.replace("''", "").split(" ", -1),
            InputStream.nullInputStream(),
            new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(exit).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("expected").contains("usage: paced");
  }
}
