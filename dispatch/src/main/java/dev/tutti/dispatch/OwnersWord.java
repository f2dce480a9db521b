package dev.tutti.dispatch;

/// What the owner says about who gets which task, beside the strategy's own order.
///
/// @param auto the models preferred where the choice is ours
/// @param policy the hard rules
/// @param fallsThrough whether tasks under a rule go on to the next pool as soon as one is busy
record OwnersWord(AutoRules auto, Policy policy, boolean fallsThrough) {}
