package dev.tutti.backends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.FailureCode;
import dev.tutti.core.MeshException;
import dev.tutti.core.Retry;
import dev.tutti.testkit.Eventually;
import io.vertx.core.buffer.Buffer;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PinnedTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final OwnerLoop loop = new OwnerLoop();

  @AfterEach
  void close() {
    loop.close();
  }

  private static InetAddress[] addresses(String... literals) {
    var all = new InetAddress[literals.length];
    for (int i = 0; i < literals.length; i++) {
      all[i] = InetAddress.ofLiteral(literals[i]);
    }
    return all;
  }

  private Heard ask(DirectHttp transport) {
    Heard heard =
        loop.on(() -> {
          var listener = new Heard();
          transport.send(new Transport.Request("GET", "/", Map.of(), Buffer.buffer()), listener);
          assertThat(listener.order).as("told before send returned").isEmpty();
          return listener;
        });
    Eventually.until("the end", SOON, heard::isOver);
    return heard;
  }

  @Test
  void a_name_is_looked_up_once_and_what_was_judged_is_connected_to() {
    var lookUps = new AtomicInteger();
    try (var server = StubServer.routes(Map.of("GET /", "hello"), Map.of())) {
      var address = EngineAddress.parse("http://engine.example:" + server.port());
      // The second answer would lead to a cloud's secrets.
      Pinned.Resolver rebinding =
          _ ->
              lookUps.getAndIncrement() == 0
                  ? addresses("127.0.0.1")
                  : addresses("169.254.169.254");
      try (var transport = new DirectHttp(loop.vertx, address, "hub-1", rebinding)) {
        for (int i = 0; i < 3; i++) {
          assertThat(ask(transport).text).isEqualTo("hello");
        }
      }
      assertThat(lookUps).hasValue(1);
      assertThat(server.requests.getFirst().headers())
          .containsEntry("host", "engine.example:" + server.port());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "169.254.169.254",
        "127.0.0.1 169.254.169.254",
        "127.0.0.1 ::ffff:a9fe:a9fe",
        "fd00:ec2::254",
        "0.0.0.0",
        "224.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "169.254.1.1"
      })
  void a_name_that_leads_where_no_engine_is_gets_no_connection(String answers) {
    try (var server = StubServer.routes(Map.of("GET /", "hello"), Map.of())) {
      var address = EngineAddress.parse("http://engine.example:" + server.port());
      try (var transport =
          new DirectHttp(loop.vertx, address, "hub-1", _ -> addresses(answers.split(" ", -1)))) {
        Heard heard = ask(transport);
        assertThat(heard.failure().code()).isEqualTo(FailureCode.ENGINE_UNREACHABLE);
        assertThat(heard.failure().retry()).isEqualTo(Retry.SAFE_NOT_STARTED);
      }
      assertThat(server.connections).hasValue(0);
    }
  }

  @Test
  void an_address_of_one_cable_beside_a_good_one_is_passed_over() {
    try (var server = StubServer.routes(Map.of("GET /", "hello"), Map.of())) {
      var address = EngineAddress.parse("http://bob.local:" + server.port());
      try (var transport =
          new DirectHttp(loop.vertx, address, "hub-1", _ -> addresses("fe80::1", "127.0.0.1"))) {
        assertThat(ask(transport).text).isEqualTo("hello");
      }
    }
  }

  @Test
  void a_name_that_nobody_knows_is_asked_again_the_next_time() {
    var lookUps = new AtomicInteger();
    try (var server = StubServer.routes(Map.of("GET /", "hello"), Map.of())) {
      var address = EngineAddress.parse("http://engine.example:" + server.port());
      Pinned.Resolver late =
          host -> {
            if (lookUps.getAndIncrement() == 0) {
              throw new UnknownHostException(host);
            }
            return addresses("127.0.0.1");
          };
      try (var transport = new DirectHttp(loop.vertx, address, "hub-1", late)) {
        assertThat(ask(transport).failure().message()).contains("unknown host");
        assertThat(ask(transport).text).isEqualTo("hello");
      }
    }
  }

  @Test
  void nobody_follows_where_an_engine_points() {
    var elsewhere = Map.of("location", "http://169.254.169.254/latest/meta-data/");
    try (var server = StubServer.routes(Map.of("GET /", "302 gone"), elsewhere)) {
      try (var transport = new DirectHttp(loop.vertx, server.address(), "hub-1")) {
        assertThat(ask(transport).status).isEqualTo(302);
      }
      assertThat(server.requests).hasSize(1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://169.254.169.254",
        "http://[fd00:ec2::254]",
        "http://[::ffff:169.254.169.254]",
        "http://0.0.0.0:11434",
        "http://[::]:11434",
        "http://224.0.0.1",
        "http://255.255.255.255",
        "http://[fe80::1]",
        "http://metadata.google.internal",
        "http://METADATA.google.internal./",
        "http://0177.0.0.1",
        "http://0x7f.1",
        "http://2130706433",
        "http://127.1",
        "http://[64:ff9b::a9fe:a9fe]"
      })
  void what_is_no_engines_address_is_refused_as_it_is_written(String url) {
    assertThatThrownBy(() -> EngineAddress.parse(url)).isInstanceOf(MeshException.class);
  }
}
