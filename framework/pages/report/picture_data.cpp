#include "pages/report/picture_data.hpp"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <set>
#include <string>
#include <tuple>

#include "experiment/yaml/dotted_key.hpp"
#include "experiment/yaml/yaml_reader.hpp"
#include "pages/report/report_data.hpp"
#include "pictures/encode.hpp"
#include "results/picture_labels.hpp"
#include "varia/error.hpp"

namespace varia::report {

namespace {

using nlohmann::json;
using results::Results;

/// What is kept or left out together: the pictures of one view, trial and epoch.
struct Unit {
  const Results* file = nullptr;
  std::string view;
  bool is_points = false;
  std::size_t row = 0;    ///< in the file
  std::size_t trial = 0;  ///< in the report
  std::int64_t replicate = 0;
  std::size_t rank = 0;  ///< of its epoch
  std::vector<std::size_t> frames;
};

/// The frames of each epoch, as units with their ranks.
void add_units(std::vector<Unit>& units, const Unit& like,
               const std::vector<std::int64_t>& frame_epochs) {
  std::map<std::int64_t, std::vector<std::size_t>> by_epoch;
  for (std::size_t frame = 0; frame < frame_epochs.size(); ++frame)
    by_epoch[frame_epochs[frame]].push_back(frame);
  const auto ranks = spread_ranks(by_epoch.size());
  std::size_t number = 0;
  for (const auto& [epoch, frames] : by_epoch) {
    units.push_back(like);
    units.back().rank = ranks[number++];
    units.back().frames = frames;
  }
}

/// The names of the views in the order of a file's experiment.
std::vector<std::string> view_order(const Results& file) {
  std::vector<std::string> order;
  try {
    const auto tree = experiment::read_yaml_text(file.experiment().yaml, file.path());
    if (const auto* views = tree.find("views"))
      for (const auto& entry : views->items()) order.push_back(experiment::entry_name(entry));
  } catch (const ConfigError&) {
    // The page shows the text as it is; the order of its views is all that is lost.
  }
  return order;
}

/// What is kept of one trial's view: by frame its caption and, of pictures, their base64.
using Kept = std::map<std::size_t, std::pair<json, std::string>>;

class Collector {
 public:
  Collector(const std::vector<Results>& files, std::uint64_t budget, Blocks& blocks)
      : left_(budget), blocks_(blocks) {
    for (const auto& file : files)
      for (const auto& name : view_order(file)) places_.try_emplace(name, places_.size());
  }

  void add(const Unit& unit) {
    auto& view = views_[{unit.is_points, unit.view}];
    std::uint64_t bytes = 0;
    auto frames = spent_ ? Kept() : made(unit, bytes);
    // Smaller ones are not tried then: the choice must not depend on what compresses well.
    spent_ |= bytes > left_;
    if (spent_) {
      view.left_out += unit.frames.size();
      left_out_ += unit.frames.size();
    } else {
      left_ -= bytes;
      view.trials[unit.trial].merge(frames);
      kept_ += unit.frames.size();
    }
  }

  json document() {
    json result = {{"kept", kept_},
                   {"left_out", left_out_},
                   {"views", json::array()},
                   {"points", json::array()}};
    std::vector<decltype(views_)::value_type*> ordered;
    for (auto& entry : views_) ordered.push_back(&entry);
    std::ranges::stable_sort(ordered, {}, [&](const auto* entry) {
      const auto place = places_.find(entry->first.second);
      return place == places_.end() ? places_.size() : place->second;
    });
    for (auto* entry : ordered) {
      const auto& key = entry->first;
      auto& view = entry->second;
      json trials = json::object();
      for (auto& [trial, kept] : view.trials) {
        auto captions = json::array();
        std::string text;
        for (auto& [frame, content] : kept) {
          captions.push_back(std::move(content.first));
          text += content.second + "\n";
        }
        trials[std::to_string(trial)] =
            key.first ? captions
                      : json({{"block", blocks_.add_text(std::move(text))}, {"frames", captions}});
      }
      result[key.first ? "points" : "views"].push_back(
          {{"name", key.second}, {"left_out", view.left_out}, {"trials", std::move(trials)}});
    }
    return result;
  }

 private:
  struct ViewData {
    std::map<std::size_t, Kept> trials;
    std::size_t left_out = 0;
  };

  /// Its frames as the page has them. @param bytes that they take
  Kept made(const Unit& unit, std::uint64_t& bytes) {
    Kept frames;
    for (const auto frame : unit.frames) {
      auto& [caption, content] = frames[frame];
      if (unit.is_points) {
        const auto& set = point_sets(unit).at(frame);
        // Before base64 and deflate, which nearly cancel out.
        bytes += std::min(set.labels.size(), kMostPoints) * 12;
        if (bytes <= left_) caption = points_caption(set);
      } else {
        auto picture = unit.file->picture(unit.view, unit.row, frame);
        caption = {picture.epoch, picture.width, picture.height, picture.title};
        if (!picture.labels.empty()) caption.push_back(results::labels_json(picture.labels));
        content = base64(pictures::encode_png(
            {picture.height, picture.width, picture.channels, std::move(picture.pixels)}));
        bytes += content.size();
      }
      if (bytes > left_) break;
    }
    return frames;
  }

  json points_caption(const results::Points& set) {
    const auto total = set.labels.size();
    std::vector<double> xy;
    std::vector<double> labels;
    for (const auto i : spread_choice(total, std::min(total, kMostPoints))) {
      xy.push_back(set.xy[2 * i]);
      xy.push_back(set.xy[2 * i + 1]);
      labels.push_back(static_cast<double>(set.labels[i]));
    }
    return {{"epoch", set.epoch},
            {"classes", results::classes_json(set.classes)},
            {"axes", set.axes},
            {"total", total},
            {"xy", blocks_.add_single(xy)},
            {"label", blocks_.add_double(labels)}};
  }

  /// A trial's units of a view often follow each other, and a file gives all of its plots at once.
  const std::vector<results::Points>& point_sets(const Unit& unit) {
    const std::tuple key{unit.file, unit.view, unit.row};
    if (key != last_key_) {
      last_sets_ = unit.file->point_sets(unit.view, unit.row);
      last_key_ = key;
    }
    return last_sets_;
  }

  std::uint64_t left_;
  Blocks& blocks_;
  std::size_t kept_ = 0;  // pictures and scatter plots
  std::size_t left_out_ = 0;
  bool spent_ = false;
  std::map<std::string, std::size_t> places_;  // of views in the experiments
  std::map<std::pair<bool, std::string>, ViewData> views_;
  std::tuple<const Results*, std::string, std::size_t> last_key_;
  std::vector<results::Points> last_sets_;
};

std::vector<Unit> all_units(const std::vector<Results>& files) {
  std::vector<Unit> units;
  const auto first = first_trials(files);
  for (std::size_t number = 0; number < files.size(); ++number) {
    const auto& file = files[number];
    for (std::size_t row = 0; row < file.size(); ++row) {
      const auto replicate = file.trials()[row].replicate;
      for (const auto& view : file.views()) {
        std::vector<std::int64_t> epochs;
        for (const auto& caption : file.captions(view.name, row)) epochs.push_back(caption.epoch);
        add_units(units, {&file, view.name, false, row, first[number] + row, replicate, 0, {}},
                  epochs);
      }
      for (const auto& name : file.points()) {
        std::vector<std::int64_t> epochs;
        for (const auto& set : file.point_sets(name, row)) epochs.push_back(set.epoch);
        add_units(units, {&file, name, true, row, first[number] + row, replicate, 0, {}}, epochs);
      }
    }
  }
  std::stable_sort(units.begin(), units.end(), [](const Unit& a, const Unit& b) {
    return std::tuple(a.rank, a.replicate, a.trial) < std::tuple(b.rank, b.replicate, b.trial);
  });
  return units;
}

}  // namespace

std::vector<std::size_t> spread_choice(std::size_t total, std::size_t count) {
  std::vector<std::size_t> chosen;
  if (total == 0) return chosen;
  // Steps that share no factor with the total meet every number before one comes again.
  auto step = std::max<std::size_t>(
      1, static_cast<std::size_t>(0.6180339887498949 * static_cast<double>(total)));
  while (std::gcd(step, total) != 1) ++step;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(i * step % total);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<std::size_t> spread_ranks(std::size_t count) {
  std::vector<std::size_t> ranks(count);
  std::size_t next = 0;
  std::set<std::size_t> taken;
  const auto take = [&](std::size_t number) {
    if (taken.insert(number).second) ranks[number] = next++;
  };
  if (count > 0) take(count - 1);
  if (count > 0) take(0);
  while (next < count) {
    std::size_t begin = 0;
    std::size_t widest = 0;
    for (auto at = taken.begin(); std::next(at) != taken.end(); ++at) {
      const auto gap = *std::next(at) - *at;
      if (gap > widest) {
        widest = gap;
        begin = *at;
      }
    }
    take(begin + widest / 2);
  }
  return ranks;
}

json picture_data(const std::vector<Results>& files, std::uint64_t budget, Blocks& blocks) {
  Collector collector(files, budget, blocks);
  for (const auto& unit : all_units(files)) collector.add(unit);
  return collector.document();
}

}  // namespace varia::report
