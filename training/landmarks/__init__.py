"""Training the two models of 68 facial landmarks: regression trees and the mesh correction."""
