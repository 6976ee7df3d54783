#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "results/trial_info.hpp"
#include "varia/better.hpp"
#include "varia/picture_labels.hpp"
#include "varia/schedule.hpp"

/// What a trial leaves behind, as plain values. Free of HDF5 and of LibTorch.
namespace varia::results {

/// Numbers with a shape, row-major. A scalar has the empty shape and one value.
struct Array {
  std::vector<std::int64_t> shape;
  std::vector<double> values;

  static Array scalar(double value) { return {{}, {value}}; }
  bool operator==(const Array&) const = default;
};

/// One resolved parameter of a trial.
struct Parameter {
  std::string key;                          ///< dotted: "loss.beta"
  std::variant<double, std::string> value;  ///< a number, or YAML text
  bool swept = false;

  bool operator==(const Parameter&) const = default;
};

/// What is known of a metric besides its values.
struct MetricInfo {
  std::string units = {};  ///< "nats", for example
  std::string bound = {};  ///< what the value bounds ("log p(x)"); empty: not said
  std::vector<std::string> axes =
      {};  ///< a name for each axis of the value; missing ones: "axis0", ...
  Better better = Better::neither;

  bool operator==(const MetricInfo&) const = default;
};

/// A metric, a schedule or the time of the epochs, as one column of all trials, or of one.
struct Column {
  std::string name;  ///< "test/elbo"; in a trial file its place: "metrics/test/elbo"
  MetricInfo info;
  std::vector<std::int64_t> shape;  ///< of one value: empty for a scalar
  std::int64_t offset = 0;          ///< of its first value in a row of a trial file's table
  std::int64_t size = 1;            ///< values in such a row

  /// Makes it hold what another column of that name holds, too. Columns that contradict each other
  /// in which values are better leave it open.
  void widen(const Column& other);
};

/// The values of an array of that shape; the largest value of the type if they are too many.
std::int64_t count_of(const std::vector<std::int64_t>& shape);

/// Copies a value of the shape `from_shape` into the corner of one of `to_shape`, which is as large
/// or larger; a missing axis counts as one of length 1.
void copy_padded(const double* from, const std::vector<std::int64_t>& from_shape, double* to,
                 const std::vector<std::int64_t>& to_shape);

/// What is known of a trial besides its values.
struct TrialHeader : TrialInfo {
  std::string config;  ///< the resolved YAML text
  std::vector<Parameter> parameters;
  std::map<std::string, MetricInfo> metrics;  ///< by "split/name"
};

/// One value of a curve that is recorded per step.
using varia::StepValue;

/// All that one epoch records.
struct EpochRecord {
  std::int64_t epoch = 0;  ///< from 1
  double seconds = 0;
  std::map<std::string, std::map<std::string, Array>>
      metrics;                                          ///< split -> name -> value; NaN is fine
  std::map<std::string, double> schedules;              ///< parameter key -> value
  std::map<std::string, std::vector<StepValue>> steps;  ///< name -> rows of this epoch
};

/// How the tiles of a view's pictures are laid out; the same for all its pictures.
struct ViewLayout {
  std::int64_t rows = 1;
  std::int64_t columns = 1;
  std::int64_t tile_height = 0;
  std::int64_t tile_width = 0;
  std::int64_t padding = 0;  ///< pixels between tiles

  bool operator==(const ViewLayout&) const = default;
};

/// One picture of a view: [height, width] or [height, width, 3], row-major.
struct Picture {
  std::int64_t epoch = 0;
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::int64_t channels = 1;  ///< 1 or 3
  std::vector<std::uint8_t> pixels;
  std::string title;
  PictureLabels labels = {};

  bool operator==(const Picture&) const = default;
};

/// Names of classes by their labels.
using ClassNames = std::map<std::int64_t, std::string>;

/// One scatter plot: n points in the plane, each with a label.
struct Points {
  std::int64_t epoch = 0;
  std::vector<float> xy;                 ///< [n, 2]
  std::vector<std::int64_t> labels;      ///< [n]
  ClassNames classes = {};               ///< of those labels whose classes have names
  std::array<std::string, 2> axes = {};  ///< what goes across and up; empty if it has no name

  bool operator==(const Points&) const = default;
};

/// A grey picture in colours.
Picture as_rgb(Picture picture);

/// Whether two values are the same bit by bit. NaN is the same as NaN, since its bits say nothing;
/// a grey picture is the same as one in colours that shows the same, since a merge stores it in
/// colours if those of other trials are.
bool is_same(double a, double b);
bool is_same(const StepValue& a, const StepValue& b);
bool is_same(const Points& a, const Points& b);
bool is_same(Picture a, Picture b);

struct View {
  ViewLayout layout;
  std::vector<Picture> pictures;

  bool operator==(const View&) const = default;
};

}  // namespace varia::results
