package dev.tutti.gateway;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The table of endpoints: exact paths in a map, those with a parameter in a short list.
final class Routes {
  private final Map<String, List<Route>> exact = new HashMap<>();
  private final List<Route> parametrised;
  private final List<Route> all;

  Routes(List<Route> routes) {
    all = List.copyOf(routes);
    var others = new ArrayList<Route>();
    for (Route route : routes) {
      if (route.hasParameter()) {
        others.add(route);
      } else {
        exact.computeIfAbsent(route.pattern(), _ -> new ArrayList<>()).add(route);
      }
    }
    others.sort(Comparator.comparingInt(Route::weight).reversed());
    parametrised = List.copyOf(others);
  }

  /// Every endpoint, in the order in which they were named.
  List<Route> all() {
    return all;
  }

  /// What the table says about a request.
  sealed interface Match {
    /// There is an endpoint.
    ///
    /// @param parameter the decoded parameter, empty when the pattern has none
    record Found(Route route, String parameter) implements Match {}

    /// The path exists with other methods.
    record WrongMethod(Set<String> allowed) implements Match {}

    /// There is no such path.
    record Unknown() implements Match {}
  }

  /// The endpoint for everybody at that path, if there is one: those have no parameter.
  Optional<Route> open(HttpMethod method, String path) {
    return exact.getOrDefault(path, List.of()).stream()
        .filter(route -> route.access() == Route.Access.OPEN && answers(route, method))
        .findFirst();
  }

  /// Looks a request up.
  ///
  /// @param path as it was sent, without its query
  /// @throws dev.tutti.core.MeshException when the path's escapes are malformed
  Match match(HttpMethod method, String path) {
    String plain = path.length() > 1 && path.endsWith("/") ? dropSlash(path) : path;
    var allowed = new TreeSet<String>();
    for (Route route : exact.getOrDefault(plain, List.of())) {
      if (answers(route, method)) {
        return new Match.Found(route, "");
      }
      allow(route, allowed);
    }
    for (Route route : parametrised) {
      Optional<String> parameter = route.parameter(plain);
      if (parameter.isEmpty()) {
        continue;
      }
      if (answers(route, method)) {
        return new Match.Found(route, parameter.get());
      }
      allow(route, allowed);
    }
    return allowed.isEmpty() ? new Match.Unknown() : new Match.WrongMethod(allowed);
  }

  private static String dropSlash(String path) {
    return path.substring(0, path.length() - 1);
  }

  private static boolean answers(Route route, HttpMethod method) {
    return route.method().equals(method)
        || (method.equals(HttpMethod.HEAD) && route.method().equals(HttpMethod.GET));
  }

  private static void allow(Route route, Set<String> allowed) {
    allowed.add(route.method().name());
    if (route.method().equals(HttpMethod.GET)) {
      allowed.add(HttpMethod.HEAD.name());
    }
  }
}
