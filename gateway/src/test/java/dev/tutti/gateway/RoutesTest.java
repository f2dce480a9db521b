package dev.tutti.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tutti.core.MeshException;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoutesTest {
  private final Routes routes =
      new Routes(
          List.of(
              route(HttpMethod.GET, "/v1/models"),
              route(HttpMethod.GET, "/v1/models/{id}"),
              route(HttpMethod.GET, "/mesh/v1/backends/{id}"),
              route(HttpMethod.DELETE, "/mesh/v1/backends/{id}"),
              route(HttpMethod.POST, "/mesh/v1/backends/{id}/probe"),
              route(HttpMethod.POST, "/api/chat")));

  private static Route route(HttpMethod method, String pattern) {
    return new Route(method, pattern, Route.Access.OPEN, _ -> {});
  }

  private String found(HttpMethod method, String path) {
    return switch (routes.match(method, path)) {
      case Routes.Match.Found(var route, var parameter) -> route.pattern() + " <" + parameter + ">";
      case Routes.Match.WrongMethod(var allowed) -> "only " + allowed;
      case Routes.Match.Unknown() -> "unknown";
    };
  }

  @Test
  void exact_paths_and_their_trailing_slash_are_found() {
    assertThat(found(HttpMethod.GET, "/v1/models")).isEqualTo("/v1/models <>");
    assertThat(found(HttpMethod.GET, "/v1/models/")).isEqualTo("/v1/models <>");
    assertThat(found(HttpMethod.HEAD, "/v1/models")).isEqualTo("/v1/models <>");
  }

  @Test
  void a_models_name_may_hold_slashes_colons_and_escapes() {
    assertThat(found(HttpMethod.GET, "/v1/models/hf.co/a/b:Q4"))
        .isEqualTo("/v1/models/{id} <hf.co/a/b:Q4>");
    assertThat(found(HttpMethod.GET, "/v1/models/hf.co%2Fa%2Fb%3AQ4"))
        .isEqualTo("/v1/models/{id} <hf.co/a/b:Q4>");
    assertThat(found(HttpMethod.GET, "/v1/models/gr%C3%BCn+1"))
        .isEqualTo("/v1/models/{id} <grün+1>");
  }

  @Test
  void the_pattern_with_more_fixed_text_wins() {
    assertThat(found(HttpMethod.POST, "/mesh/v1/backends/eve/ollama/probe"))
        .isEqualTo("/mesh/v1/backends/{id}/probe <eve/ollama>");
    assertThat(found(HttpMethod.DELETE, "/mesh/v1/backends/eve/ollama"))
        .isEqualTo("/mesh/v1/backends/{id} <eve/ollama>");
  }

  @Test
  void a_wrong_method_is_told_what_is_right() {
    assertThat(found(HttpMethod.GET, "/api/chat")).isEqualTo("only [POST]");
    assertThat(found(HttpMethod.PUT, "/mesh/v1/backends/x")).isEqualTo("only [DELETE, GET, HEAD]");
  }

  @Test
  void what_is_not_there_is_unknown() {
    assertThat(found(HttpMethod.GET, "/v1")).isEqualTo("unknown");
    assertThat(found(HttpMethod.GET, "/")).isEqualTo("unknown");
    assertThat(found(HttpMethod.GET, "/V1/models")).isEqualTo("unknown");
  }

  @Test
  void malformed_escapes_are_refused() {
    for (String tail : new String[] {"%", "%2", "%zz", "%ff"}) {
      assertThatThrownBy(() -> routes.match(HttpMethod.GET, "/v1/models/" + tail))
          .as(tail)
          .isInstanceOf(MeshException.class);
    }
  }
}
