# Rscript classical.R DATA OUT: test and item analysis by dexter for a persons x items CSV of scores.
library(dexter)
arguments <- commandArgs(TRUE)
scores <- as.matrix(read.csv(arguments[1]))
storage.mode(scores) <- "integer"
options(digits = 15)
found <- tia_tables(scores)
write.csv(found$items, paste0(arguments[2], "_dexter_items.csv"), row.names = FALSE)
write.csv(found$booklets, paste0(arguments[2], "_dexter_booklets.csv"), row.names = FALSE)
