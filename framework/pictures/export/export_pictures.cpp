#include "pictures/export/export_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "files/whole_file.hpp"
#include "pictures/export/file_names.hpp"
#include "pictures/export/picture_source.hpp"
#include "pictures/export/trial_choice.hpp"
#include "results/names.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::pictures {

namespace {

/// A view with its pictures, or with its scatter plots.
struct Shown {
  std::string view;
  bool scatter = false;
  std::string ending;  // of file names, which tells the two apart
};

std::vector<Shown> choose_views(const results::Results& results,
                                const std::vector<std::string>& wanted) {
  std::vector<Shown> all;
  std::set<std::string> names;
  for (const auto& view : results.views()) {
    all.push_back({view.name, false, ""});
    names.insert(view.name);
  }
  for (const auto& name : results.points())
    all.push_back({name, true, names.count(name) > 0 ? "-points" : ""});
  names.insert(results.points().begin(), results.points().end());
  for (const auto& name : wanted)
    if (names.count(name) == 0)
      throw ConfigError(fmt::format("{} has no view '{}'. {}", results.path(), name,
                                    suggestion(name, {names.begin(), names.end()})));
  if (wanted.empty()) return all;
  std::vector<Shown> chosen;
  for (const auto& shown : all)
    if (std::find(wanted.begin(), wanted.end(), shown.view) != wanted.end())
      chosen.push_back(shown);
  return chosen;
}

using ByEpoch = std::map<std::int64_t, std::vector<std::size_t>>;

/// The pictures, by number, of each epoch that is chosen.
ByEpoch chosen_epochs(const ByEpoch& all, const EpochChoice& choice) {
  if (all.empty() || choice.which == EpochChoice::Which::all) return all;
  const auto found =
      choice.which == EpochChoice::Which::last ? std::prev(all.end()) : all.find(choice.epoch);
  return found == all.end() ? ByEpoch() : ByEpoch{*found};
}

class Exporter {
 public:
  Exporter(const results::Results& results, std::string folder, const PictureChoice& choice,
           const PictureStyle& style)
      : results_(results),
        folder_(std::move(folder)),
        choice_(choice),
        style_(style),
        trials_(trial_names(results)) {}

  void add(const Shown& shown, std::size_t trial) {
    const auto source = open(shown, trial);
    const auto all = by_epoch(*source);
    const auto chosen = chosen_epochs(all, choice_.epochs);
    const auto stem = shown.view + "/" + trials_[trial] + shown.ending;
    const bool still = std::all_of(chosen.begin(), chosen.end(),
                                   [](const auto& epoch) { return epoch.second.size() == 1; });
    if (style_.over_epochs && still && chosen.size() > 1) {
      std::vector<std::size_t> pictures;
      for (const auto& [epoch, numbers] : chosen) pictures.push_back(numbers.front());
      write({{source.get(), trial, pictures}}, shown.view, stem, Heading::epoch);
      return;
    }
    for (const auto& [epoch, pictures] : chosen) {
      const auto ending = all.size() > 1 ? epoch_ending(epoch) : std::string();
      write({{source.get(), trial, pictures}}, shown.view, stem + ending, Heading::none);
    }
  }

  void add_sheets(const Shown& shown, const std::vector<std::size_t>& trials) {
    const bool last = choice_.epochs.which == EpochChoice::Which::last;
    std::vector<std::unique_ptr<PictureSource>> sources;
    std::map<std::int64_t, std::vector<Part>> sheets;
    std::set<std::int64_t> epochs;
    for (const auto trial : trials) {
      sources.push_back(open(shown, trial));
      const auto all = by_epoch(*sources.back());
      for (const auto& [epoch, pictures] : all) epochs.insert(epoch);
      // The last epoch need not be the same one for all trials.
      for (const auto& [epoch, pictures] : chosen_epochs(all, choice_.epochs))
        sheets[last ? 0 : epoch].push_back({sources.back().get(), trial, pictures});
    }
    for (const auto& [epoch, parts] : sheets) {
      const auto ending = last || epochs.size() == 1 ? std::string() : epoch_ending(epoch);
      write(parts, shown.view, shown.view + "/sheet" + shown.ending + ending, Heading::trial);
    }
  }

  std::vector<PictureFile> files() && {
    if (files_.empty()) fail_for_nothing();
    return std::move(files_);
  }

 private:
  /// What a file shows of one trial.
  struct Part {
    const PictureSource* source;
    std::size_t trial;
    std::vector<std::size_t> pictures;
  };

  static std::string epoch_ending(std::int64_t epoch) { return fmt::format("-epoch{:03}", epoch); }

  std::unique_ptr<PictureSource> open(const Shown& shown, std::size_t trial) const {
    return shown.scatter ? scatter_source(results_, shown.view, trial, trials_[trial])
                         : view_source(results_, shown.view, trial, trials_[trial]);
  }

  ByEpoch by_epoch(const PictureSource& source) {
    ByEpoch all;
    for (std::size_t i = 0; i < source.epochs().size(); ++i) all[source.epochs()[i]].push_back(i);
    for (const auto& [epoch, pictures] : all) epochs_.insert(epoch);
    return all;
  }

  void write(const std::vector<Part>& parts, const std::string& view, const std::string& stem,
             Heading heading) {
    PictureFile file;
    file.view = view;
    std::set<std::int64_t> epochs;
    std::string bytes;
    try {
      std::vector<Drawing> rows;
      for (const auto& part : parts) {
        file.trials.push_back(part.trial);
        for (const auto number : part.pictures) epochs.insert(part.source->epochs()[number]);
        rows.push_back(part.source->draw(part.pictures, style_.scale, heading));
      }
      const auto drawing = rows.size() == 1 ? rows.front() : stack(std::move(rows));
      file.frames = drawing.count;
      file.height = drawing.height;
      file.width = drawing.width;
      bytes = encode(drawing, style_.frame_rate);
    } catch (const StoreError&) {
      throw;
    } catch (const Error& error) {
      throw StoreError(results_.path(), "view " + view + " of trial " +
                                            trials_[file.trials.back()] + ": " + error.what());
    }
    file.epochs.assign(epochs.begin(), epochs.end());
    file.path = names_.claim(stem, file.frames > 1 ? ".gif" : ".png");
    files::write_whole_file((std::filesystem::path(folder_) / file.path).string(), bytes);
    files_.push_back(std::move(file));
  }

  [[noreturn]] void fail_for_nothing() const {
    if (epochs_.empty())
      throw ConfigError(results_.path() +
                        (choice_.views.empty() && choice_.trials.empty()
                             ? " has no pictures; an experiment names what to draw under 'views'"
                             : " has no pictures of these views and trials"));
    std::string known;
    std::size_t count = 0;
    for (const auto epoch : epochs_) {
      if (++count > 20) break;
      known += (known.empty() ? "" : ", ") + std::to_string(epoch);
    }
    throw ConfigError(fmt::format("{} has no picture of epoch {}. There are pictures of: {}{}",
                                  results_.path(), choice_.epochs.epoch, known,
                                  count > 20 ? ", ..." : ""));
  }

  const results::Results& results_;
  std::string folder_;
  const PictureChoice& choice_;
  const PictureStyle& style_;
  std::vector<std::string> trials_;
  std::set<std::int64_t> epochs_;  // at which there are pictures
  FileNames names_;
  std::vector<PictureFile> files_;
};

}  // namespace

EpochChoice parse_epochs(const std::string& text) {
  if (text == "all") return {EpochChoice::Which::all, 0};
  if (text == "last") return {EpochChoice::Which::last, 0};
  EpochChoice choice{EpochChoice::Which::one, 0};
  const auto* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, choice.epoch);
  if (result.ec != std::errc() || result.ptr != end || choice.epoch < 1)
    throw ConfigError("'" + text + "' is no epoch. Expected all, last, or a number from 1");
  return choice;
}

std::vector<PictureFile> export_pictures(const results::Results& results, const std::string& folder,
                                         const PictureChoice& choice, const PictureStyle& style) {
  const auto trials = choose_trials(results, choice.trials);
  const auto views = choose_views(results, choice.views);
  // The file may come from anywhere, and a view's name becomes a folder's.
  for (const auto& shown : views) results::check_name(results.path(), "view", shown.view);
  Exporter exporter(results, folder, choice, style);
  for (const auto& shown : views) {
    if (style.sheets) {
      exporter.add_sheets(shown, trials);
    } else {
      for (const auto trial : trials) exporter.add(shown, trial);
    }
  }
  return std::move(exporter).files();
}

}  // namespace varia::pictures
