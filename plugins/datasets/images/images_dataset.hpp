#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "images/file_index.hpp"
#include "images/image_list.hpp"
#include "varia/dataset.hpp"

namespace varia::datasets {

/// `none`, `center`, or `[top, left, height, width]` in pixels.
class CropParameter final : public Parameter {
 public:
  /// The default is none.
  CropParameter(ParamSet* owner, std::string name, std::string doc);
  bool is_center() const { return is_center_; }
  /// Top, left, height, width; empty if no box is given.
  const std::vector<std::int64_t>& box() const { return box_; }
  Value resolved() const override;
  ParameterDoc describe() const override;
  Value schema() const override;

 private:
  void read(const Value& value, const LoadContext& context) override;
  bool is_center_ = false;
  std::vector<std::int64_t> box_;
};

struct ImagesParams final : DatasetParams {
  Text folder{
      this, "folder", kUnset,
      "Folder of images, or of a subfolder for each class, or of train and test. A relative "
      "path starts at the experiment file's folder."};
  Text list{this, "list", kUnset,
            "In place of a folder: a text file with the path of an image on each line, and a tab "
            "and its class if there are classes. Paths start at the folder of the list."};
  Text test_list{this, "test_list", kUnset, "The list of the test images."};
  Real test{this,
            "test",
            0.0,
            {0.0, 0.9},
            "The part of the images that is set aside as the test split, by split_seed."};
  Choice channels{this,
                  "channels",
                  "auto",
                  {"auto", "1", "3"},
                  "1: grey, 3: red, green and blue. auto: 1 if all files are of grey images, else "
                  "3."};
  CropParameter crop{this, "crop",
                     "center: the largest centred box of the shape of 'size', a square without it; "
                     "or [top, left, height, width] in pixels."};
  IntegerList size{
      this,
      "size",
      {},
      {1, 4096},
      "[height, width] to which each image is scaled, after 'crop', when it is decoded; "
      "for images of different sizes."};

 protected:
  void check() const override;
};

/// Image files, decoded once into a file in the Varia data folder that all processes map.
class ImagesDataset final : public Dataset {
 public:
  using Params = ImagesParams;
  explicit ImagesDataset(const Params& params) : params_(params) {}
  std::shared_ptr<const Samples> load(std::string_view split) override;
  std::string digest() override;

 private:
  void open();

  const Params& params_;
  bool is_open_ = false;
  std::shared_ptr<const Samples> train_;
  std::shared_ptr<const Samples> test_;  // null if there is none
};

}  // namespace varia::datasets
