#include "results/folder/trial_status.hpp"

#include <fmt/format.h>

namespace varia::results {

namespace {

std::string epochs_text(std::int64_t has, std::int64_t wants) {
  return fmt::format("has {} of {} epochs", has, wants);
}

}  // namespace

std::string Reason::text() const {
  switch (kind) {
    case Kind::none:
      return "";
    case Kind::damaged:
      return fmt::format("its file is damaged ({})", what);
    case Kind::failed:
      return what;
    case Kind::lacks_records:
      return epochs_text(has, wants);
    case Kind::lacks_step_curves:
      return wants == 1 ? "lacks records of every step"
                        : fmt::format("lacks records of every {} steps", wants);
    case Kind::lacks_metric:
      return fmt::format("lacks metric {}", what);
    case Kind::lacks_view:
      return fmt::format("lacks view {}", what);
    case Kind::other_metric:
      return fmt::format("metric {} was made with other parameters", what);
    case Kind::other_view:
      return fmt::format("view {} was made with other parameters", what);
    case Kind::lacks_parameters:
      return "lacks its kept parameters (train.keep)";
    case Kind::other_parameters:
      return fmt::format("kept the {} parameters, and train.keep is {} now", then, now);
    case Kind::other_request:
      return "was made with other metrics or views, and its trial file was packed away";
    case Kind::other_versions:
      return fmt::format("was made with {}, now {}", then, now);
    case Kind::new_plugin:
      return fmt::format("plugin {} was not among its plugins", what);
    case Kind::other_plugin:
      return fmt::format("plugin {} was {} and is {} now", what, then, now);
    case Kind::rebuilt_plugin:
      return fmt::format("plugin {} {} was built anew from other sources", what, now);
    case Kind::stopped:
      return fmt::format("stopped by the search at epoch {} of {}", has, wants);
    case Kind::dropped:
      return fmt::format("stopped by the search at epoch {} of {}: another replicate has failed",
                         has, wants);
    case Kind::not_promoted:
      return fmt::format("not promoted by the search so far, at epoch {} of {}", has, wants);
  }
  return "";
}

std::string TrialStatus::reason_text() const {
  auto text = reason.text();
  if (state == TrialState::done || reason.kind >= Reason::Kind::stopped) return text;
  if (run.empty() && !begun) return text;
  const auto progress = epochs_text(records_done, target_records);
  if (text.empty())
    text = progress;
  else if (begun)
    text += "; the new run " + progress;
  if (!host.empty()) text += ", in progress on " + host;
  return text;
}

}  // namespace varia::results
