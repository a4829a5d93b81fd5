import { crossFrontsWithDoors } from './fronts/matrix.ts'
import { plain } from './fronts/plain.ts'
import { bucket, links, startBucketStorage } from './fronts/s3.ts'

crossFrontsWithDoors([plain, bucket, links], startBucketStorage)
