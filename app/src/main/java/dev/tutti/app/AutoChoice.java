package dev.tutti.app;

import dev.tutti.core.ModelName;
import dev.tutti.dispatch.AutoRules;
import java.util.Optional;

/// What the owner says about requests that leave the model to the mesh.
///
/// @param rules the models that are preferred
/// @param router the small model that judges requests of which the rules are unsure
record AutoChoice(AutoRules rules, Optional<ModelName> router) {
  /// Nothing said.
  static final AutoChoice NONE = new AutoChoice(AutoRules.NONE, Optional.empty());
}
