"""An index on Milvus, for articles that outgrow one machine; ``writer`` says how it is laid out."""
