#include "sweep/preflight.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <set>

#include "results/folder/monitored_values.hpp"
#include "sweep/search/search_metric.hpp"
#include "sweep/workers/child_process.hpp"
#include "sweep/workers/trial_log.hpp"
#include "training/run_trial.hpp"
#include "varia/error_list.hpp"

namespace varia::sweep {

namespace {

constexpr std::size_t kMostFailures = 20;  ///< of settings, after which no others are tried

/// What is wrong with a setting.
struct Fault {
  std::string place;  ///< in the experiment file; empty: none
  std::string what;   ///< empty: nothing is wrong
};

Fault validation_error(const experiment::Trial& trial, const Registry& registry,
                       training::DataCache& data, std::set<std::string>& measured,
                       const experiment::SharedSearch& search,
                       const std::vector<experiment::MonitoredMetric>& published) {
  try {
    const auto tried =
        training::try_trial(trial, registry, data, measured, search ? search->metric() : "");
    if (search) {
      results::require_recorded(experiment::monitored_metric(*search), trial, tried.record);
      searched_order(*search, tried.better);
    }
    for (const auto& metric : published) results::require_recorded(metric, trial, tried.record);
    return {};
  } catch (const ConfigError& error) {
    return {error.where().text(), error.what()};
  } catch (const Error& error) {
    return {"", error.what()};
  }
}

/// One trial of each distinct setting.
std::vector<const experiment::Trial*> distinct(const experiment::Plan& plan,
                                               const std::vector<std::size_t>& chosen) {
  std::set<std::string> seen;
  std::vector<const experiment::Trial*> trials;
  for (const auto index : chosen) {
    const auto& trial = plan.trials[index];
    std::string key;
    for (const auto& section : experiment::kComponentSections)
      key += (trial.*section.value)->canonical() + "\n";
    key += trial.train->resolved().canonical();
    if (seen.insert(key).second) trials.push_back(&trial);
  }
  return trials;
}

using Timeout = std::optional<std::chrono::duration<double>>;

/// Waits for a message, or the end of the process, while asking whether to go on.
/// @returns false if it is to stop, or took longer than `timeout`
bool hears(const Channel& channel, const std::function<bool()>& should_stop,
           const Timeout& timeout) {
  const auto start = std::chrono::steady_clock::now();
  pollfd wait{channel.descriptor(), POLLIN, 0};
  constexpr int kMilliseconds = 100;
  while (::poll(&wait, 1, kMilliseconds) <= 0) {
    const bool is_overdue = timeout && std::chrono::steady_clock::now() - start > *timeout;
    if (should_stop() || is_overdue) return false;
  }
  return true;
}

}  // namespace

std::vector<std::string> preflight(const experiment::Plan& plan, const Registry& registry,
                                   training::DataCache& data,
                                   const std::vector<std::size_t>& chosen,
                                   const std::function<bool()>& should_stop, Timeout timeout,
                                   const experiment::SharedSearch& search, const RunGpus& gpus,
                                   const std::vector<experiment::MonitoredMetric>& published) {
  const auto trials = distinct(plan, chosen);
  std::set<const Value*> opened;
  for (const auto* trial : trials)
    if (opened.insert(trial->data.get()).second) data.check(*trial->data);

  std::vector<std::string> crashes;
  ErrorList errors;
  std::set<std::string> places;
  std::size_t failures = 0;
  std::size_t next = 0;  // of `trials`
  while (next < trials.size()) {
    TrialLog log;
    auto [here, there] = Channel::pair();
    const auto body = [&, first = next, &own = there, &other = here] {
      other.close();
      if (gpus.are_asked) see_only(gpus.gpus);
      std::set<std::string> measured;
      for (auto i = first; i < trials.size(); ++i) {
        const auto fault =
            validation_error(*trials[i], registry, data, measured, search, published);
        if (!own.send(fault.place) || !own.send(fault.what)) break;
      }
      return 0;
    };
    ChildProcess child(body, log.descriptor());
    there.close();
    bool heard = true;
    while (next < trials.size() && (heard = hears(here, should_stop, timeout))) {
      const auto place = here.receive();
      const auto what = place ? here.receive() : std::nullopt;
      if (!what) break;
      ++next;
      if (what->empty()) continue;
      // What fails at one place fails for one reason, whatever the trial.
      if (place->empty() || places.insert(*place).second) errors.add(ConfigError(*what));
      if (++failures == kMostFailures) errors.raise();
    }
    if (next == trials.size() || should_stop()) break;
    if (!heard || here.is_garbled()) child.kill();
    auto what = child.wait().text();
    if (here.is_garbled()) what = "sent what is not a message of a trial";
    if (!heard) what = fmt::format("took longer than run.trial_timeout ({} s)", timeout->count());
    const auto tail = log.tail();
    crashes.push_back(fmt::format("{}: the process that tried one batch {}{}",
                                  trials[next]->label(), what,
                                  tail.empty() ? "" : "; it printed: " + tail));
    ++next;
  }
  errors.raise();
  return crashes;
}

}  // namespace varia::sweep
