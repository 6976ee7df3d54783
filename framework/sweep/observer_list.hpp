#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "sweep/run_observer.hpp"

namespace varia::sweep {

/// Tells several observers, in their order.
class ObserverList final : public RunObserver {
 public:
  /// @param observers outlive the list
  explicit ObserverList(std::vector<RunObserver*> observers) : observers_(std::move(observers)) {}

  void on_plan(const experiment::Plan& plan,
               const std::vector<results::PlannedState>& states) override {
    for (auto* observer : observers_) observer->on_plan(plan, states);
  }
  void on_growth(const experiment::Plan& plan, std::size_t first) override {
    for (auto* observer : observers_) observer->on_growth(plan, first);
  }
  void on_trial_start(const experiment::Trial& trial, std::size_t number,
                      std::size_t total) override {
    for (auto* observer : observers_) observer->on_trial_start(trial, number, total);
  }
  void on_progress(const experiment::Trial& trial, const TrialProgress& progress) override {
    for (auto* observer : observers_) observer->on_progress(trial, progress);
  }
  void on_record(const experiment::Trial& trial, const results::EpochRecord& record) override {
    for (auto* observer : observers_) observer->on_record(trial, record);
  }
  void on_picture(const experiment::Trial& trial, const std::string& view,
                  const results::Picture& picture) override {
    for (auto* observer : observers_) observer->on_picture(trial, view, picture);
  }
  void on_points(const experiment::Trial& trial, const std::string& view,
                 const results::Points& points) override {
    for (auto* observer : observers_) observer->on_points(trial, view, points);
  }
  void on_trial_end(const experiment::Trial& trial,
                    const training::TrialOutcome& outcome) override {
    for (auto* observer : observers_) observer->on_trial_end(trial, outcome);
  }
  void on_note(const std::string& note) override {
    for (auto* observer : observers_) observer->on_note(note);
  }
  bool wants_pictures() const override {
    return std::any_of(observers_.begin(), observers_.end(),
                       [](const auto* observer) { return observer->wants_pictures(); });
  }

 private:
  std::vector<RunObserver*> observers_;
};

}  // namespace varia::sweep
