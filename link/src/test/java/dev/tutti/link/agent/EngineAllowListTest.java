package dev.tutti.link.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EngineAllowListTest {
  @ParameterizedTest
  @CsvSource({
    "POST,/api/chat",
    "POST,/api/generate",
    "POST,/api/embed",
    "POST,/api/embeddings",
    "POST,/api/show",
    "GET,/api/tags",
    "GET,/api/ps",
    "GET,/api/version",
    "POST,/v1/chat/completions",
    "POST,/v1/completions",
    "POST,/v1/embeddings",
    "GET,/v1/models",
    "POST,/v1/messages",
    "POST,/v1/messages?beta=true",
    "POST,/v1/responses",
    "POST,/v1/rerank",
    "POST,/v1/audio/transcriptions",
    "GET,/health",
    "GET,/props",
    "GET,/props?model=qwen3",
    "GET,/slots",
    "POST,/infill",
    "POST,/tokenize"
  })
  void inference_and_reading_are_allowed(String method, String path) {
    assertThat(EngineAllowList.allows(method, path)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "POST,/api/pull",
    "POST,/api/push",
    "POST,/api/create",
    "POST,/api/copy",
    "DELETE,/api/delete",
    "POST,/api/delete",
    "POST,/api/blobs/sha256:00",
    "HEAD,/api/blobs/sha256:00",
    "POST,/props",
    "POST,/slots/0?action=save",
    "POST,/lora-adapters",
    "POST,/models/load",
    "POST,/v1/load_lora_adapter",
    "POST,/sleep",
    "DELETE,/v1/models",
    "GET,/api/chat",
    "get,/api/tags",
    "PUT,/api/chat",
    "CONNECT,/api/chat",
    "OPTIONS,/api/chat"
  })
  void whatever_changes_an_engine_is_not(String method, String path) {
    assertThat(EngineAllowList.allows(method, path)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "api/chat",
        "//api/chat",
        "/api//chat",
        "/api/chat/",
        "/api/chat/../pull",
        "/api/chat/..;/pull",
        "/./api/chat",
        "/api/%63hat",
        "/api/chat%2f..%2fpull",
        "/api/chat%00",
        "/api/chat;x=1",
        "/API/CHAT",
        "/api\\chat",
        "http://10.0.0.1/api/chat",
        "//10.0.0.1/api/chat",
        "@10.0.0.1/api/chat",
        "/api/chat#/api/pull",
        "/api/chat\r\nHost: x",
        "/api/chat HTTP/1.1",
        "/api/chat?",
        "/api/chat?a=b c",
        "/api/chat?a=%0d%0a",
        "/api/chat?x=/../pull",
        "/api/chat?a=b#c",
        "/api/chat?a?b"
      })
  void tricks_do_not_help(String path) {
    assertThat(EngineAllowList.allows("POST", path)).isFalse();
    assertThat(EngineAllowList.allows("GET", path)).isFalse();
  }

  @Test
  void a_query_has_a_bound() {
    assertThat(EngineAllowList.allows("GET", "/props?" + "a".repeat(256))).isTrue();
    assertThat(EngineAllowList.allows("GET", "/props?" + "a".repeat(257))).isFalse();
  }

  @Test
  void only_known_headers_go_on_and_names_become_lower_case() {
    var passed =
        EngineAllowList.headers(
            Map.of(
                "Content-Type", "application/json",
                "X-Tutti-Hop", "hub-1",
                "host", "evil",
                "transfer-encoding", "chunked",
                "connection", "close",
                "cookie", "a=b",
                "x-forwarded-for", "1.2.3.4"));
    assertThat(passed).contains(Map.of("content-type", "application/json", "x-tutti-hop", "hub-1"));
  }

  @Test
  void a_header_that_could_become_two_refuses_the_request() {
    assertThat(EngineAllowList.headers(Map.of("accept", "a\r\nhost: evil"))).isEmpty();
    assertThat(EngineAllowList.headers(Map.of("accept", "a".repeat(9_000)))).isEmpty();
    var many = new HashMap<String, String>();
    for (int i = 0; i < 33; i++) {
      many.put("x-" + i, "y");
    }
    assertThat(EngineAllowList.headers(many)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /api/pull, true",
    "POST, /api/push, true",
    "POST, /api/create, true",
    "POST, /api/copy, true",
    "DELETE, /api/delete, true",
    "POST, /api/delete, false",
    "DELETE, /api/pull, false",
    "GET, /api/pull, false",
    "POST, /api/pull?x=1, false",
    "POST, /api/blobs/sha256:0, false",
    "POST, /api/blobs/../delete, false",
    "POST, /api/me, false",
  })
  void what_manages_models_is_for_an_administrator_only(String method, String path, boolean may) {
    assertThat(EngineAllowList.allows(method, path, Map.of())).isFalse();
    assertThat(EngineAllowList.allows(method, path, Map.of("x-tutti-administrator", "false")))
        .isFalse();
    assertThat(EngineAllowList.allows(method, path, Map.of("x-tutti-administrator", "true")))
        .isEqualTo(may);
  }

  @Test
  void a_blob_is_named_by_its_whole_digest() {
    String path = "/api/blobs/sha256:" + "0a".repeat(32);
    var administrator = Map.of("x-tutti-administrator", "true");
    assertThat(EngineAllowList.allows("HEAD", path, administrator)).isTrue();
    assertThat(EngineAllowList.allows("POST", path, administrator)).isTrue();
    assertThat(EngineAllowList.allows("POST", path, Map.of())).isFalse();
    assertThat(EngineAllowList.allows("POST", path + "0", administrator)).isFalse();
  }
}
