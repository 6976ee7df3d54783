#include "pictures/export_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <optional>
#include <set>

#include "files/whole_file.hpp"
#include "pictures/file_names.hpp"
#include "pictures/frames.hpp"
#include "results/names.hpp"
#include "varia/error.hpp"
#include "varia/value.hpp"

namespace varia::pictures {

namespace {

/// The epoch of `--epoch N`; nullopt for "all" and "last".
std::optional<std::int64_t> epoch_in(const std::string& text) {
  if (text == "all" || text == "last") return std::nullopt;
  const auto epoch = Value::scalar(text).as_integer();
  if (!epoch || *epoch < 1)
    throw ConfigError("'" + text + "' is not an epoch. Expected all, last, or a number from 1");
  return epoch;
}

/// Some of what one trial has of one view: pictures, or scatter plots.
struct Part {
  std::size_t trial = 0;
  std::vector<std::size_t> numbers;        // of the trial's pictures
  std::vector<results::Picture> captions;  // without pixels: epoch, title and, of pictures, size
  std::vector<results::Points> plots;      // if they are scatter plots

  void append(const Part& other) {
    numbers.insert(numbers.end(), other.numbers.begin(), other.numbers.end());
    captions.insert(captions.end(), other.captions.begin(), other.captions.end());
    plots.insert(plots.end(), other.plots.begin(), other.plots.end());
  }
};

class Exporter {
 public:
  Exporter(const results::Results& results, std::string folder, const ExportOptions& options)
      : results_(results),
        folder_(std::move(folder)),
        options_(options),
        epoch_(epoch_in(options.epochs)),
        rows_(options.trials),
        trials_(trial_names(results)) {
    if (!rows_.empty()) return;
    rows_.resize(results.size());
    std::iota(rows_.begin(), rows_.end(), std::size_t{0});
  }

  std::vector<PictureFile> run() && {
    std::set<std::string> pictured;
    for (const auto& view : results_.views()) pictured.insert(view.name);
    auto known = pictured;
    known.insert(results_.points().begin(), results_.points().end());
    for (const auto& name : options_.views)
      if (!known.contains(name))
        throw ConfigError(fmt::format("{} has no view '{}'. {}", results_.path(), name,
                                      suggestion(name, {known.begin(), known.end()})));
    const auto chosen = [&](const std::string& view) {
      return options_.views.empty() || std::ranges::count(options_.views, view) > 0;
    };
    // The file may come from anywhere, and a view's name becomes a folder's: nothing is written
    // unless all names are good.
    for (const auto& name : known)
      if (chosen(name)) results::check_name("view", name);
    for (const auto& view : results_.views())
      if (chosen(view.name)) add(view.name, false, "");
    for (const auto& view : results_.points())
      if (chosen(view)) add(view, true, pictured.contains(view) ? "-points" : "");
    if (files_.empty()) fail_for_nothing();
    return std::move(files_);
  }

 private:
  using ByEpoch = std::map<std::int64_t, Part>;

  /// @param ending of the files' names
  void add(const std::string& view, bool scatter, const std::string& ending) {
    if (options_.sheets) return add_sheets(view, scatter, view + "/sheet" + ending);
    for (const auto trial : rows_)
      add_trial(view, read(view, scatter, trial), view + "/" + trials_[trial] + ending);
  }

  void add_trial(const std::string& view, const ByEpoch& all, const std::string& stem) {
    const auto chosen = chosen_epochs(all);
    const bool still = std::ranges::all_of(
        chosen, [](const auto& epoch) { return epoch.second.captions.size() == 1; });
    if (options_.over_epochs && still && chosen.size() > 1) {
      Part frames;
      frames.trial = chosen.begin()->second.trial;
      for (const auto& [epoch, part] : chosen) frames.append(part);
      return write({frames}, view, stem, true);
    }
    for (const auto& [epoch, part] : chosen)
      write({part}, view, stem + (all.size() > 1 ? epoch_ending(epoch) : ""), false);
  }

  void add_sheets(const std::string& view, bool scatter, const std::string& stem) {
    const bool last = options_.epochs == "last";
    std::map<std::int64_t, std::vector<Part>> sheets;
    std::set<std::int64_t> epochs;
    for (const auto trial : rows_) {
      const auto all = read(view, scatter, trial);
      for (const auto& [epoch, part] : all) epochs.insert(epoch);
      // The last epoch need not be the same one for all trials.
      for (const auto& [epoch, part] : chosen_epochs(all)) sheets[last ? 0 : epoch].push_back(part);
    }
    for (const auto& [epoch, parts] : sheets)
      write(parts, view, stem + (last || epochs.size() == 1 ? "" : epoch_ending(epoch)), false);
  }

  static std::string epoch_ending(std::int64_t epoch) { return fmt::format("-epoch{:03}", epoch); }

  ByEpoch chosen_epochs(const ByEpoch& all) const {
    if (all.empty() || options_.epochs == "all") return all;
    const auto found = epoch_ ? all.find(*epoch_) : std::prev(all.end());
    return found == all.end() ? ByEpoch() : ByEpoch{*found};
  }

  /// What a trial has of a view, by epoch.
  ByEpoch read(const std::string& view, bool scatter, std::size_t trial) {
    std::vector<results::Points> plots;
    std::vector<results::Picture> captions;
    if (scatter) {
      plots = results_.point_sets(view, trial);
      for (const auto& plot : plots) captions.emplace_back().epoch = plot.epoch;
    } else {
      captions = results_.captions(view, trial);
    }
    ByEpoch all;
    for (std::size_t i = 0; i < captions.size(); ++i) {
      auto& part = all[captions[i].epoch];
      part.trial = trial;
      part.numbers.push_back(i);
      if (scatter) part.plots.push_back(std::move(plots[i]));
      epochs_.insert(captions[i].epoch);
      part.captions.push_back(std::move(captions[i]));
    }
    return all;
  }

  /// Scatter plots name trial and epoch in any case.
  Frames draw(const std::string& view, Part part, bool epoch_in_title) const {
    const auto& name = trials_[part.trial];
    if (!part.plots.empty()) {
      std::vector<std::string> subtitles;
      for (const auto& plot : part.plots)
        subtitles.push_back(fmt::format("{}, epoch {}", name, plot.epoch));
      return scatter_plots(std::move(part.plots), view, std::move(subtitles));
    }
    for (auto& caption : part.captions) {
      auto& title = caption.title;
      const auto heading = options_.sheets  ? name
                           : epoch_in_title ? "epoch " + std::to_string(caption.epoch)
                                            : "";
      if (!heading.empty()) title = title.empty() ? heading : heading + ": " + title;
    }
    return titled_pictures(
        std::move(part.captions), options_.scale,
        [this, view, trial = part.trial, numbers = std::move(part.numbers)](std::size_t frame) {
          return results_.picture(view, trial, numbers.at(frame));
        });
  }

  void write(const std::vector<Part>& parts, const std::string& view, const std::string& stem,
             bool epoch_in_title) {
    PictureFile file;
    file.view = view;
    std::set<std::int64_t> epochs;
    std::string bytes;
    try {
      std::vector<Frames> cells;
      for (const auto& part : parts) {
        file.trials.push_back(part.trial);
        for (const auto& caption : part.captions) epochs.insert(caption.epoch);
        cells.push_back(draw(view, part, epoch_in_title));
      }
      const auto frames = cells.size() == 1 ? cells.front() : sheet_of(std::move(cells));
      file.frames = frames.count;
      file.height = frames.height;
      file.width = frames.width;
      bytes = encode(frames, options_.frames_per_second);
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
                        (options_.views.empty() && options_.trials.empty()
                             ? " has no pictures; an experiment names what to draw under 'views'"
                             : " has no pictures of these views and trials"));
    std::string known;
    std::size_t count = 0;
    for (const auto epoch : epochs_) {
      if (++count > 20) break;
      known += (known.empty() ? "" : ", ") + std::to_string(epoch);
    }
    throw ConfigError(fmt::format("{} has no picture of epoch {}. There are pictures of: {}{}",
                                  results_.path(), options_.epochs, known,
                                  count > 20 ? ", ..." : ""));
  }

  const results::Results& results_;
  std::string folder_;
  const ExportOptions& options_;
  std::optional<std::int64_t> epoch_;
  std::vector<std::size_t> rows_;
  std::vector<std::string> trials_;  // their names
  std::set<std::int64_t> epochs_;    // that have pictures
  FileNames names_;
  std::vector<PictureFile> files_;
};

}  // namespace

std::vector<PictureFile> export_pictures(const results::Results& results, const std::string& folder,
                                         const ExportOptions& options) {
  return Exporter(results, folder, options).run();
}

}  // namespace varia::pictures
